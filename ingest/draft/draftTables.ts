import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { readCodes } from '../../register/readCodes.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { query, textIn } from '../statement.ts'
import { completeBlocks, type Known } from './completeBlocks.ts'
import { columnsOfField, type DraftBlock, type DraftField, type DraftTables } from './drafted.ts'
import { foldWords, likeness } from './foldWords.ts'
import { coverage, draftCodes, listOf, speaksOurCodes, type DraftCodes } from './likelyCode.ts'
import { matchColumns, type Column, type Match } from './matchColumns.ts'
import { matchProfessionals, type Named } from './matchProfessionals.ts'
import { readColumns, type Columns } from './readColumns.ts'
import type { Source } from './readSources.ts'
import { readVocabulary } from './readVocabulary.ts'

const tables = readDictionary().map((table) => table.name)
const notPeople = tables.filter((table) => table !== 'people')

/** A source with its columns and what it is about: null where people stand in it, with all that is said of them. */
interface Read {
  readonly source: Source
  readonly columns: Columns
  readonly own: string | null
}

/**
 * Gives every column of a file the likeliest field of the dictionary.
 * @throws DsrError 'input' where no sheet or list holds people
 */
export async function draftTables(
  connection: DuckDBConnection,
  sources: readonly Source[],
  isWorkbook: boolean,
  known: Known,
): Promise<DraftTables> {
  const read: Read[] = []
  for (const source of sources) {
    const columns = await readColumns(connection, source, isWorkbook)
    read.push({ source, columns, own: ownTable(source, columns, sources) })
  }
  const people = read.filter(({ own }) => own === null)
  if (people.length === 0) throw noPeople()
  const extractDay = people.map(({ columns }) => extractDayOf(columns.single)).find((column) => column !== null) ?? null
  const drafts = read.map((one) => ({ one, ...draftSource(withoutColumn(one, extractDay), read) }))
  const names = await namesIn(
    connection,
    drafts.flatMap(({ one, named }) => named.map((column) => ({ rows: one.source.rows, column }))),
  )
  const blocks = drafts.flatMap(({ make }) => make(names))
  const complete = completeBlocks(
    blocks,
    known,
    people.map(({ source }) => source.sheet),
  )
  return {
    blocks: complete,
    ignored: ignoredOf(read, complete, extractDay),
    doubled: read.flatMap(({ columns }) => columns.doubled),
    extractDay,
    isDayUnsure: isDayUnsure(read),
  }
}

function noPeople(): DsrError {
  return new DsrError(
    'input',
    'No table of the file has both names and dates of birth, so it does not say who is meant.',
    'Ask the agency for a file with names and dates of birth, or write the contract by hand: docs/contracts.md.',
  )
}

/** What a sheet or list is about: people where names and birth dates stand in it, else the table its name or columns say. */
function ownTable(source: Source, { single, clusters }: Columns, sources: readonly Source[]): string | null {
  if (source.each === null) {
    const found = new Set(matchColumns(single, { tables: ['people'], own: 'people' }).map(({ target }) => target.name))
    const hasName = found.has('full_name') || found.has('family_name') || found.has('given_name')
    if (found.has('date_of_birth') && hasName) return null
    if (sources.length === 1) throw noPeople()
  }
  const title = foldWords(source.sheet ?? source.each?.split('.').at(-1) ?? '')
  const [byName] = notPeople
    .map((table) => ({ table, score: nameScore(table, title) }))
    .sort((a, b) => b.score - a.score)
  if (byName && byName.score >= 0.75) return byName.table
  const columns = [...single, ...clusters.flatMap((cluster) => cluster.columns)]
  const [byColumns] = notPeople
    .map((table) => ({ table, score: ownScore(columns, table) }))
    .sort((a, b) => b.score - a.score)
  return byColumns && byColumns.score >= 1.5 ? byColumns.table : ''
}

function nameScore(table: string, title: string): number {
  return Math.max(0, ...(readVocabulary().tableNames.get(table) ?? []).map((name) => likeness(title, name)))
}

function ownScore(columns: readonly Column[], table: string): number {
  return matchColumns(columns, { tables: [table], own: table }).reduce(
    (sum, { score, doubt }) => sum + (doubt === null ? score : score / 2),
    0,
  )
}

const extractHeadings = [
  'snapshot',
  'snapshot date',
  'extract date',
  'report date',
  'as at',
  'run date',
  'date of extract',
  'date of report',
  'extracted on',
  'position at',
  'data cut',
  'reporting date',
  'report run',
  'extract run',
]

function extractDayOf(columns: readonly Column[]): string | null {
  const found = columns.find(
    ({ name, profile }) => profile.dateForm !== null && extractHeadings.includes(foldWords(name)),
  )
  return found?.name ?? null
}

function withoutColumn(read: Read, name: string | null): Read {
  const single = read.columns.single.filter((column) => column.name !== name)
  return { ...read, columns: { ...read.columns, single } }
}

interface SourceDraft {
  /** Columns that hold names: no word of theirs may be written into a contract. */
  readonly named: readonly Column[]
  readonly make: (names: ReadonlySet<string>) => readonly DraftBlock[]
}

function draftSource({ source, columns, own }: Read, all: readonly Read[]): SourceDraft {
  if (own === '') return { named: [], make: () => [] }
  return own === null ? draftPeople(source, columns, all) : draftDetail(source, columns, own, all)
}

/** People, and all that stands in the same line about them. */
function draftPeople(source: Source, columns: Columns, all: readonly Read[]): SourceDraft {
  const lists = new Set(all.filter(({ own }) => own !== null && own !== '').map(({ source: other }) => other.each))
  const own = columns.single.filter((column) => !lists.has(column.name))
  const professionals = matchProfessionals(own)
  const used = new Set(professionals.flatMap(({ name, about }) => [name, ...about.values()]))
  const rest = own.filter((column) => !used.has(column))
  const groups = columns.clusters.map(({ numbers, columns: group }) => ({ numbers, ...groupMatches(group) }))
  // An address in lines 1, 2 and 3 is one field of a person and not three rows.
  const ofPeople = groups.filter(({ table }) => table === 'people').flatMap(({ matches }) => matches)
  const matches = matchColumns(rest, { tables, own: null })
  const named = [
    ...matches.filter(({ target }) => target.name.endsWith('_name')).map(({ column }) => column),
    ...professionals.map(({ name }) => name),
  ]
  const make = (names: ReadonlySet<string>): readonly DraftBlock[] => [
    ...blocksOf(source, [...matches, ...ofPeople], names, []),
    ...groups
      .filter(({ table }) => table !== 'people')
      .flatMap((group) => blocksOf(source, group.matches, names, group.numbers)),
    ...professionals.map((one) => professionalBlock(source, one)),
  ]
  return { named, make }
}

/** The table that a numbered group is about, by how well its columns fit together. */
function groupMatches(columns: readonly Column[]): { readonly table: string; readonly matches: readonly Match[] } {
  const [best] = tables
    .map((table) => ({ table, matches: matchColumns(columns, { tables: [table], own: table }) }))
    .map((one) => ({
      ...one,
      score: one.matches.reduce((sum, { score, target }) => sum + score - (target.isOwn ? 0.15 : 0), 0),
    }))
    .sort((a, b) => b.score - a.score)
  return best ?? { table: '', matches: [] }
}

/** A sheet or list of one table, whose rows hang on people by their number. */
function draftDetail(source: Source, columns: Columns, own: string, all: readonly Read[]): SourceDraft {
  const personColumns = all
    .filter(({ own: table }) => table === null)
    .flatMap((read) => {
      const found = matchColumns(read.columns.single, { tables, own: null }).find(
        ({ target }) => target.name === 'local_id',
      )
      return found ? [foldWords(found.column.name)] : []
    })
  const link =
    source.each === null ? columns.single.find(({ name }) => personColumns.includes(foldWords(name))) : undefined
  const rest = columns.single.filter((column) => column !== link)
  const matches = matchColumns(rest, { tables: notPeople, own })
  const matchedLink = link ?? (source.each === null ? linkOf(columns.single) : undefined)
  const named = matches
    .filter(({ target }) => target.table === 'professionals' && target.name === 'name')
    .map(({ column }) => column)
  const make = (names: ReadonlySet<string>): readonly DraftBlock[] =>
    blocksOf(
      source,
      matches.filter(({ column }) => column !== matchedLink),
      names,
      [],
    ).map((block) =>
      matchedLink === undefined
        ? block
        : {
            ...block,
            fields: [
              { name: 'local_id', column: matchedLink.name, doubt: link ? null : 'guessed from its heading' },
              ...block.fields,
            ],
          },
    )
  return { named, make }
}

function linkOf(columns: readonly Column[]): Column | undefined {
  return matchColumns(columns, { tables: ['people'], own: null }).find(({ target }) => target.name === 'local_id')
    ?.column
}

/** The blocks that some matches make: one for each table and kind of row, and one for each list that stands in cells. */
function blocksOf(
  source: Source,
  matches: readonly Match[],
  names: ReadonlySet<string>,
  repeat: readonly number[],
): readonly DraftBlock[] {
  const place = { sheet: source.sheet, skipRows: source.skipRows, each: source.each, repeat, split: null, when: null }
  const isSplit = ({ column, target }: Match): boolean =>
    column.profile.parted.length > 0 && target.field.type === 'code' && source.each === null
  const groups = new Map<string, Match[]>()
  for (const match of matches.filter((candidate) => !isSplit(candidate))) {
    const key = `${match.target.table}#${match.target.block}`
    groups.set(key, [...(groups.get(key) ?? []), match])
  }
  const plain = [...groups].map(([key, group]) => ({
    ...place,
    table: key.split('#')[0] ?? '',
    fields: fieldsOf(group, names),
  }))
  const splits = matches.filter(isSplit).map((match) => ({
    ...place,
    table: match.target.table,
    split: { column: match.column.name, by: match.column.profile.parted },
    fields: partFields(match, names),
  }))
  return [...plain, ...splits]
}

function fieldsOf(matches: readonly Match[], names: ReadonlySet<string>): readonly DraftField[] {
  const ordered = [...matches].sort((a, b) => a.column.position - b.column.position)
  const fields: DraftField[] = []
  for (const name of new Set(ordered.map(({ target }) => target.name))) {
    const same = ordered.filter(({ target }) => target.name === name)
    const [match] = same
    if (!match) continue
    const isGathered = match.target.table === 'people'
    const gathered = isGathered ? same.flatMap(({ column }) => gatheredNames(column)) : []
    if (name === 'full_name') fields.push(...partsOfName(match))
    else if (gathered.length > 1)
      fields.push({
        name,
        columns: gathered,
        join: name === 'other_diagnoses' ? '; ' : ', ',
        ...(name === 'other_diagnoses' ? { by: ';' } : {}),
        doubt: same.find(({ doubt }) => doubt !== null)?.doubt ?? null,
      })
    else fields.push(fieldOf(match, names), ...codedToo(match, names))
  }
  return fields.filter((field, index) => fields.findIndex(({ name }) => name === field.name) === index)
}

const codedFields: Readonly<Record<string, readonly [string, string]>> = {
  'actions.description': ['service_code', 'services'],
  'strategies.note': ['strategy_code', 'strategies'],
  'issues.note': ['theme_code', 'themes'],
}

/** Words of a column that is read as text, where some are those of a list: they are a code as well. */
function codedToo({ column, target }: Match, names: ReadonlySet<string>): readonly DraftField[] {
  const [name, list] = codedFields[`${target.table}.${target.name}`] ?? []
  if (name === undefined || list === undefined || column.profile.words === null) return []
  // Free text would be held back for each new sentence, so only what is a list of words is taken for one.
  if (column.profile.parted.length > 0 || column.profile.words.some(({ said }) => said.endsWith('.'))) return []
  if (coverage(list, column.profile).known < (list === 'services' ? 0.3 : 0.5)) return []
  return [
    {
      name,
      column: column.name,
      codes: draftCodes(list, column.profile.words, names),
      doubt: 'some of its words are codes',
    },
  ]
}

/** The numbered columns of a person's field are joined, so they are named one by one. */
function gatheredNames({ name, numbers }: Column): readonly string[] {
  return numbers.length === 0 ? [name] : numbers.map((number) => name.replaceAll('{n}', String(number)))
}

function fieldOf({ column, target, doubt }: Match, names: ReadonlySet<string>): DraftField {
  const { profile } = column
  const plain = { name: target.name, column: column.name, doubt, filled: profile.filled }
  if (target.field.type === 'date')
    return { ...plain, ...(profile.dateForm === null ? {} : { dateForm: profile.dateForm }) }
  const list = listOf(target.field)
  const isList = target.field.type === 'codes' || target.field.type === 'texts'
  const by = isList && profile.parted.length > 0 && !column.isList ? { by: profile.parted[0] ?? ';' } : {}
  if (list === null || profile.words === null) return { ...plain, ...by }
  const codes = list === 'yes_no' ? ['yes', 'no'] : readCodes(list).map(({ code }) => code)
  if (speaksOurCodes(target.field, profile.words, codes)) return { ...plain, ...by }
  const drafted = draftCodes(list, profile.words, names)
  return { ...plain, ...by, codes: target.name === 'basis' ? ofParent(column.name, drafted) : drafted }
}

/** `Parent consent: yes` is a parent's, and the person's own only where nothing else is said. */
function ofParent(heading: string, codes: DraftCodes): DraftCodes {
  if (!/parent/i.test(heading)) return codes
  return {
    ...codes,
    entries: codes.entries.map((entry) => (entry.code === 'K01' ? { ...entry, code: 'K04', doubt: 'likely' } : entry)),
  }
}

/** `DSH; AWOL`, or `Medication review = helped; PBS = no`: the word of each part, and how it went. */
function partFields({ column, target, doubt }: Match, names: ReadonlySet<string>): readonly DraftField[] {
  const { words, results } = column.profile
  const list = listOf(target.field) ?? ''
  const word = { name: target.name, column: 'part', codes: draftCodes(list, words ?? [], names), doubt }
  if (results === null || target.table !== 'strategies') return [word]
  return [
    { ...word, part: String.raw`^\s*(.*?)\s*=` },
    {
      name: 'outcome',
      column: 'part',
      part: String.raw`=\s*(.*?)\s*$`,
      codes: draftCodes('strategy_outcomes', results, names),
      doubt: null,
    },
  ]
}

/** `MARSH, Ada`, or `Ada Marsh`. */
function partsOfName({ column, doubt }: Match): readonly DraftField[] {
  const isSurnameFirst = column.profile.shares.comma >= 0.5
  const [family, given] = isSurnameFirst
    ? ['^([^,]+),', String.raw`,\s*(.+)$`]
    : [String.raw`(\S+)$`, String.raw`^(.+?)\s+\S+$`]
  const why = isSurnameFirst ? doubt : 'the last word is taken for the family name'
  return [
    { name: 'family_name', column: column.name, part: family, doubt: why },
    { name: 'given_name', column: column.name, part: given, doubt: why },
  ]
}

function professionalBlock(source: Source, { role, name, about }: Named): DraftBlock {
  const hasRole = name.profile.shares.brackets >= 0.5
  const isMore = name.profile.shares.digits > 0.05
  const title = about.get('role')
  const others = [...about].filter(([field]) => field !== 'role')
  return {
    table: 'professionals',
    sheet: source.sheet,
    skipRows: source.skipRows,
    each: source.each,
    repeat: [],
    split: null,
    when: name.name,
    fields: [
      {
        name: 'name',
        column: name.name,
        ...(hasRole ? { part: '^([^(]+?) *[(]' } : {}),
        doubt: isMore ? 'it holds more than a name' : null,
      },
      hasRole
        ? { name: 'role', column: name.name, part: '[(]([^)]+)[)]', doubt: null }
        : title
          ? { name: 'role', column: title.name, doubt: null }
          : { name: 'role', value: role.role, doubt: null },
      ...(role.agencyKind === '' ? [] : [{ name: 'agency_kind', value: role.agencyKind, doubt: null }]),
      ...(role.flag === '' ? [] : [{ name: role.flag, value: 'yes', doubt: null }]),
      ...others.map(([field, column]) => ({
        name: field,
        column: column.name,
        ...(column.profile.dateForm === null ? {} : { dateForm: column.profile.dateForm }),
        doubt: null,
      })),
    ],
  }
}

/** Every single word of the people and professionals named in the file, folded. */
async function namesIn(
  connection: DuckDBConnection,
  columns: readonly { readonly rows: string; readonly column: Column }[],
): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const { rows, column } of columns) {
    for (const cell of column.cells) {
      const found = await query(
        connection,
        'list names',
        `select distinct ${cell} as said from ${rows} where ${cell} is not null`,
      )
      for (const row of found)
        for (const word of foldWords(textIn(row, 'said')).split(' ')) if (word.length > 1) names.add(word)
    }
  }
  return names
}

function ignoredOf(read: readonly Read[], blocks: readonly DraftBlock[], extractDay: string | null): readonly string[] {
  const taken = new Set(blocks.flatMap(takenNames))
  return read.flatMap(({ source, columns, own }) => {
    if (own === '' && source.each !== null) return taken.has(source.each) ? [] : [source.each]
    if (own === '') return []
    const plain = columns.single.flatMap(({ name }) => (source.each === null ? [name] : [`${source.each}.${name}`]))
    const numbered = columns.clusters.flatMap((cluster) => cluster.columns.flatMap(gatheredNames))
    return [...plain, ...numbered, ...columns.doubled].filter(
      (name) => !taken.has(name) && name !== extractDay && !isOfList(name, read, source),
    )
  })
}

/** A list's path among the record's values is the list's own affair. */
function isOfList(name: string, read: readonly Read[], source: Source): boolean {
  return source.each === null && read.some(({ source: other }) => other.each === name)
}

/** Full names of the columns that a block reads. */
function takenNames(block: DraftBlock): readonly string[] {
  const names = [...block.fields.flatMap(columnsOfField), ...(block.split ? [block.split.column] : [])]
  return names.flatMap((name) => {
    if (block.each !== null) return name.startsWith('/') ? [name.slice(1)] : [`${block.each}.${name}`]
    return block.repeat.length === 0 ? [name] : block.repeat.map((number) => name.replaceAll('{n}', String(number)))
  })
}

/** Whether day/month dates are there and none of the whole file proves that the day comes first. */
function isDayUnsure(read: readonly Read[]): boolean {
  const dates = read
    .flatMap(({ columns }) => [...columns.single, ...columns.clusters.flatMap((cluster) => cluster.columns)])
    .filter(({ profile }) => /^%[dm].%[dm]/.test(profile.dateForm ?? ''))
  return dates.length > 0 && dates.every(({ profile }) => profile.isDayUnsure)
}
