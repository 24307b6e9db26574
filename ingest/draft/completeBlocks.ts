import type { DraftBlock, DraftField } from './drafted.ts'

/** What is known of a feed beside its file. */
export interface Known {
  readonly kind: string
  /** ODS code of the ICB where the deployment has one alone. */
  readonly icb: string | null
  readonly extractedOn: string
}

/** Columns whose cell says that there is a row of the table at all; of several the one that is filled most. */
const anchors: Readonly<Record<string, readonly string[]>> = {
  ratings: ['rating'],
  reviews: ['held_on', 'next_due_stated'],
  issues: ['theme_code', 'note'],
  strategies: ['strategy_code', 'note'],
  suggestions: ['note', 'strategy_code'],
  actions: ['service_code', 'description'],
  cetrs: ['held_on', 'due_date'],
  admissions: ['admitted'],
  escalations: ['date'],
}

/**
 * Adds what the register cannot do without and the file does not say, each time with a mark: a value for every row, or
 * another column's day. Rows that lack what they cannot be without are left out of the contract.
 */
export function completeBlocks(
  blocks: readonly DraftBlock[],
  known: Known,
  peopleSheets: readonly (string | null)[],
): readonly DraftBlock[] {
  const withNumbers = joinRepeated(blocks)
  const entered = [...withNumbers, ...missingTables(withNumbers, peopleSheets)]
  return entered
    .map((block) => complete(block, entered, known))
    .flatMap((block) => (block === null ? [] : [withAnchor(block, peopleSheets)]))
}

/** Two numbered groups of one table and the same numbers are about the same rows, where they say different things. */
function joinRepeated(blocks: readonly DraftBlock[]): readonly DraftBlock[] {
  const joined: DraftBlock[] = []
  for (const block of blocks) {
    const index = joined.findIndex(
      (other) =>
        block.repeat.length > 0 &&
        other.table === block.table &&
        other.repeat.join() === block.repeat.join() &&
        !other.fields.some(({ name }) => block.fields.some((field) => field.name === name)),
    )
    const other = joined[index]
    if (other) joined[index] = { ...other, fields: [...other.fields, ...block.fields] }
    else joined.push(block)
  }
  return joined
}

/** Nobody is on the register without an entry and a consent, so both are there to be filled in. */
function missingTables(blocks: readonly DraftBlock[], peopleSheets: readonly (string | null)[]): readonly DraftBlock[] {
  const people = blocks.find((block) => block.table === 'people' && peopleSheets.includes(block.sheet))
  return ['entries', 'consents']
    .filter((table) => people && !blocks.some((block) => block.table === table))
    .map((table) => ({ ...(people as DraftBlock), table, split: null, repeat: [], fields: [] }))
}

function complete(block: DraftBlock, all: readonly DraftBlock[], known: Known): DraftBlock | null {
  const has = (name: string): boolean => block.fields.some((field) => field.name === name)
  const add = (...fields: readonly (DraftField | null)[]): DraftBlock => ({
    ...block,
    fields: [...block.fields, ...fields.flatMap((field) => (field === null || has(field.name) ? [] : [field]))],
  })
  const value = (name: string, given: string, doubt: string | null): DraftField => ({ name, value: given, doubt })
  const dayOf = (name: string, ...from: readonly string[]): DraftField | null => borrowed(block, all, name, from)
  switch (block.table) {
    case 'people':
      return completePeople(block, known)
    case 'entries':
      return add(
        value('register_scope', isForChildren(known) ? 'child' : 'adult', 'the same for everyone in the file'),
        value('decision', 'accepted', 'the file does not say who was accepted: everyone is taken to be'),
        has('accepted_date')
          ? null
          : dayOf(
              'accepted_date',
              'consents.decision_date',
              'ratings.effective_from',
              'entries.referral_date',
              'reviews.held_on',
            ),
      )
    case 'consents':
      return ofParents(
        known,
        add(
          value(
            'basis',
            'K90',
            'nothing says on what consent: K90, not recorded, keeps them off the register until you say',
          ),
        ),
      )
    case 'ratings':
      if (!has('rating')) return null
      return add(
        dayOf('effective_from', 'reviews.held_on', 'entries.accepted_date', 'consents.decision_date') ??
          value('effective_from', known.extractedOn, 'the file does not say since when: the day of the extract'),
      )
    case 'reviews':
      return has('held_on') ? add(value('kind', 'dsr', 'every review is taken for one of the register')) : null
    case 'issues':
      return has('note') || has('theme_code')
        ? add(dayOf('noted_date', 'reviews.held_on', 'ratings.effective_from'))
        : null
    case 'strategies':
      return has('note') || has('strategy_code') ? block : null
    case 'suggestions':
      return has('note') || has('strategy_code') || has('service_code') ? block : null
    case 'actions':
      if (!has('service_code') && !has('description')) return null
      return add(value('state', 'requested', 'the file does not say where it stands'))
    case 'cetrs':
      return has('held_on') || has('due_date')
        ? add(value('kind', 'community', 'the file does not say which kind'))
        : null
    case 'admissions':
      return has('admitted') ? block : null
    case 'escalations':
      return has('date') ? block : null
    case 'professionals':
      return has('name') ? block : null
    default:
      return block
  }
}

function completePeople(block: DraftBlock, known: Known): DraftBlock {
  const find = (name: string): DraftField | undefined => block.fields.find((field) => field.name === name)
  const more: DraftField[] = []
  if (!find('local_id')) {
    const number = find('nhs_number')
    const columns = ['family_name', 'given_name', 'date_of_birth'].flatMap((name) => find(name)?.column ?? [])
    more.push(
      number?.column === undefined
        ? {
            name: 'local_id',
            columns: [...new Set(columns)],
            join: ' ',
            doubt: 'the file has no number of its own for a person: ask for one',
          }
        : {
            name: 'local_id',
            column: number.column,
            doubt: 'no number of the agency’s own was found: whoever has no NHS number is held back',
          },
    )
  }
  if (!find('responsible_icb_ods'))
    more.push({
      name: 'responsible_icb_ods',
      value: known.icb ?? 'QOQ',
      doubt: known.icb === null ? 'the register has several ICBs: which one?' : 'everyone is taken to be this ICB’s',
    })
  return {
    ...block,
    fields: [
      ...more.filter(({ name }) => name === 'local_id'),
      ...block.fields,
      ...more.filter(({ name }) => name !== 'local_id'),
    ],
  }
}

/** The day of something else in the same line, where the row itself has none. */
function borrowed(
  block: DraftBlock,
  all: readonly DraftBlock[],
  name: string,
  from: readonly string[],
): DraftField | null {
  if (block.each !== null || block.split !== null) return null
  for (const source of from) {
    const [table, field] = source.split('.')
    const found = all
      .filter(
        (other) =>
          other.table === table && other.sheet === block.sheet && other.each === null && other.repeat.length === 0,
      )
      .flatMap((other) => other.fields)
      .find((candidate) => candidate.name === field && candidate.column !== undefined && candidate.part === undefined)
    if (found) return { ...found, name, doubt: `its own day is not in the file: that of ${source}` }
  }
  return null
}

/** In a line that says many things, a row is only there where its own cell is filled. */
function withAnchor(block: DraftBlock, peopleSheets: readonly (string | null)[]): DraftBlock {
  if (block.each !== null || block.split !== null || block.when !== null || !peopleSheets.includes(block.sheet))
    return block
  const [fullest] = (anchors[block.table] ?? [])
    .flatMap((name) => block.fields.filter((field) => field.name === name && field.column !== undefined))
    .sort((a, b) => (b.filled ?? 0) - (a.filled ?? 0))
  return fullest?.column === undefined ? block : { ...block, when: fullest.column }
}

function isForChildren({ kind }: Known): boolean {
  return ['A03', 'A04', 'A06'].includes(kind)
}

/** For children a plain yes is likelier a parent's than their own, and their own is that of 16 or 17. */
function ofParents(known: Known, block: DraftBlock): DraftBlock {
  if (!isForChildren(known)) return block
  const fields = block.fields.map((field) =>
    field.name !== 'basis' || field.codes === undefined
      ? field
      : {
          ...field,
          codes: {
            ...field.codes,
            entries: field.codes.entries.map((entry) =>
              entry.code === 'K01' ? { ...entry, code: entry.doubt === null ? 'K02' : 'K04', doubt: 'likely' } : entry,
            ),
          },
        },
  )
  return { ...block, fields }
}
