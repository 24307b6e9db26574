import { duckdbType, type Dictionary, type Field, type Table } from './readDictionary.ts'

/**
 * What a column tells of a person, as the lineage of published columns follows it (transform/checkLineage.py):
 * - `key` stands for one person or one record; `day` is an exact day in one person's life;
 * - `quasi` crosses as it is although it identifies indirectly, or is about offences;
 * - `none`: a treated value, a code that identifies nobody, a number about a feed;
 * - `direct` and `text` must not cross at all.
 */
export type ColumnClass = 'direct' | 'text' | 'key' | 'quasi' | 'day' | 'none'

/**
 * One column of the pseudonymised store.
 * - `type`: DuckDB type in lower case (bigint, smallint, integer, boolean, date, varchar, varchar[]).
 * - `list`: the closed list its texts come from. `feeds` is the one list that is the deployment's own: the names of its
 *   contracts. A text column without a list holds pseudonyms, and nothing else may be one (design.md 6, closed-text guard).
 * - `copied`: taken unchanged from the register column of the same name; otherwise pseudonymise works it out.
 * - `required`: never null.
 */
export interface PseudonymisedColumn {
  readonly name: string
  readonly type: string
  readonly list: string | null
  readonly meaning: string
  readonly copied: boolean
  readonly required: boolean
  readonly class: ColumnClass
}

export interface PseudonymisedTable {
  readonly name: string
  /** Ends the sentence "One row per …". */
  readonly grain: string
  /** Columns that together are unique and never null. */
  readonly key: readonly string[]
  readonly columns: readonly PseudonymisedColumn[]
}

type Extra = Partial<Pick<PseudonymisedColumn, 'list' | 'copied' | 'required' | 'class'>>

function column(name: string, type: string, meaning: string, extra: Extra = {}): PseudonymisedColumn {
  const usual = classOf(type, extra.list ?? null)
  return { name, type, list: null, meaning, copied: true, required: false, class: usual, ...extra }
}

/** What is not said otherwise: a value of a closed list tells nothing, a text or number without one stands for somebody. */
function classOf(type: string, list: string | null): ColumnClass {
  if (type === 'date') return 'day'
  return list !== null || type === 'boolean' ? 'none' : 'key'
}

const made = { copied: false } as const

const rowId = column('row_id', 'bigint', 'Number of the row, unique in its table.', { required: true })
const pseudonym = column('pseudonym', 'varchar', 'Stands for the person; made with a secret key.', {
  ...made,
  required: true,
})
const recordKey = column('record_key', 'smallint', 'Number from 0 to 255 of the person, for disclosure control.', {
  ...made,
  required: true,
})
const feed = column('feed', 'varchar', 'Contract whose delivery said it.', { list: 'feeds', required: true })
const feedAgency = column('feed_agency', 'varchar', 'Kind of agency that said it.', {
  list: 'agencies',
  required: true,
})
const deliveredOn = column('delivered_on', 'date', 'Data cut of the delivery that said it.')
const residenceIcb = column('residence_icb_ods', 'varchar', 'ICB of the area where the person lives, by LSOA.', {
  list: 'icbs',
  ...made,
})
const residenceCouncil = column(
  'residence_utla_gss',
  'varchar',
  'Council of the area where the person lives: as the agency states it, else by LSOA.',
  { list: 'councils', class: 'quasi', ...made },
)
const deprivation = column(
  'deprivation_quintile',
  'varchar',
  'Fifth of areas by deprivation (IMD 2025) of the LSOA; 1 is the most deprived.',
  { list: 'deprivation_quintiles', ...made },
)

function ageBand(at: string): PseudonymisedColumn {
  return column('age_band', 'varchar', `Age band ${at}; unknown without it.`, {
    list: 'age_bands',
    ...made,
    required: true,
  })
}

/** Fields that cross unchanged. Pure function of the dictionary: nothing it does not declare as kept can appear. */
function kept(table: Table): readonly PseudonymisedColumn[] {
  return table.fields.filter((field) => field.treatment === 'keep').map(fromField)
}

/** A professional's role in the sender's words may name a team or a person: only its code of a closed list crosses. */
function roles(table: Table): readonly PseudonymisedColumn[] {
  return table.fields
    .filter((field) => field.treatment === 'role')
    .map((field) =>
      column(`${field.name}_code`, 'varchar', `${field.meaning} Other where no word of the list stands for it.`, {
        list: 'professional_roles',
        ...made,
      }),
    )
}

function fromField(field: Field): PseudonymisedColumn {
  const extra = { list: field.codes ?? null, required: field.required, class: classOfField(field) }
  return column(field.name, duckdbType(field), field.meaning, extra)
}

/** Of a field that crosses as it is. The day of an event identifies nobody to an agency, and may to a neighbour. */
function classOfField({ identifies, type }: Field): ColumnClass {
  if (identifies === 'no') return type === 'date' ? 'day' : 'none'
  return identifies === 'indirect' || identifies === 'criminal' ? 'quasi' : identifies
}

/**
 * The columns of one dictionary table after treatment, in their order: in `warehouse.duckdb`, schema `register`.
 * Pseudonymise builds its SQL from this, generation the dbt sources and staging models.
 */
export function pseudonymisedColumns(table: Table): readonly PseudonymisedColumn[] {
  const origin = [feed, feedAgency, deliveredOn]
  if (table.name !== 'people') {
    const at = table.eventDate === null ? 'at the day that counts as today' : `on ${table.eventDate}`
    return [rowId, pseudonym, ...origin, ...kept(table), ...roles(table), ageBand(at)]
  }
  return [
    rowId,
    pseudonym,
    recordKey,
    ...origin,
    ...kept(table).filter((field) => field.name !== residenceCouncil.name),
    ageBand('at the day that counts as today'),
    residenceIcb,
    residenceCouncil,
    deprivation,
    column('consent_state', 'varchar', 'Standing of the consent basis at the day that counts as today.', {
      list: 'consent_states',
      required: true,
    }),
    // Not the day itself: after a birthday it would give the birth date away.
    column(
      'is_consent_grace_over',
      'boolean',
      'The time to renew consent has passed; false while the basis is valid.',
      {
        required: true,
      },
    ),
  ]
}

/** Every table of `warehouse.duckdb`, schema `register`: those of the dictionary, then those that pseudonymise adds. */
export function pseudonymisedTables(dictionary: Dictionary): readonly PseudonymisedTable[] {
  const declared = dictionary.map((table) => ({
    name: table.name,
    grain: grainOf(table),
    key: [table.name === 'people' ? 'pseudonym' : 'row_id'],
    columns: pseudonymisedColumns(table),
  }))
  return [...declared, codedNotes, statutoryAdmissions(dictionary), disagreements, feeds, quarantineCounts, exclusions]
}

function grainOf(table: Table): string {
  if (table.name === 'people') return 'person on the register'
  return `record of ${table.name} that one agency made about a person on the register`
}

const codedNotes: PseudonymisedTable = {
  name: 'coded_notes',
  grain: 'code found in a note, or recorded beside it, of a person on the register',
  key: ['row_id'],
  columns: [
    { ...rowId, copied: false },
    pseudonym,
    column('noted_on', 'date', 'Day of the note.', made),
    column('kind', 'varchar', 'Which list the code is of.', { list: 'note_kinds', ...made, required: true }),
    column('code', 'varchar', 'Theme or strategy.', { list: 'themes|strategies', ...made, required: true }),
    column('coded_from', 'varchar', 'Recorded by the agency, or found in the text.', {
      list: 'coded_from',
      ...made,
      required: true,
    }),
    column('outcome', 'varchar', 'Whether the strategy helped.', { list: 'strategy_outcomes', ...made }),
    column('from_table', 'varchar', 'Table of the note.', { list: 'register_tables', ...made, required: true }),
    column('from_row_id', 'bigint', 'row_id of the note in that table.', { ...made, required: true }),
    column('coder_version', 'integer', 'Version of the coder that found it; empty where it was recorded.', {
      class: 'none',
      ...made,
    }),
  ],
}

function statutoryAdmissions(dictionary: Dictionary): PseudonymisedTable {
  const people = new Map(
    dictionary.find((table) => table.name === 'people')?.fields.map((field) => [field.name, field]),
  )
  const admissions = dictionary.find((table) => table.name === 'admissions')
  const ofPerson = ['sex_code', 'ld_status', 'autism_status', 'responsible_icb_ods'].flatMap((name) => {
    const field = people.get(name)
    return field ? [fromField(field)] : []
  })
  return {
    name: 'statutory_admissions',
    grain: 'admission of a person whom only a statutory inpatient collection knows',
    key: ['row_id'],
    columns: [
      rowId,
      pseudonym,
      recordKey,
      feed,
      feedAgency,
      deliveredOn,
      ...ofPerson,
      residenceCouncil,
      residenceIcb,
      deprivation,
      ageBand('on admitted'),
      ...(admissions ? kept(admissions) : []),
    ],
  }
}

const disagreements: PseudonymisedTable = {
  name: 'disagreements',
  grain: 'person and field on which agencies differ',
  key: ['pseudonym', 'field'],
  columns: [
    pseudonym,
    column('field', 'varchar', 'Field of people on which they differ; what they say stays in the register.', {
      list: 'disagreement_fields',
      required: true,
    }),
  ],
}

/** Of tables without people: what is known of a feed or a whole deployment. */
const about = { class: 'none' } as const

const feeds: PseudonymisedTable = {
  name: 'feeds',
  grain: 'feed',
  key: ['feed'],
  columns: [
    feed,
    column('agency_kind', 'varchar', 'Kind of agency that sends it.', { list: 'agencies', required: true }),
    column('basis', 'varchar', 'Lawful basis of the feed.', { list: 'feed_bases', required: true }),
    column('delivered_on', 'date', 'Data cut of its newest delivery.', about),
    column('rows_read', 'bigint', 'Rows read from it.', { ...about, required: true }),
    column('rows_accepted', 'bigint', 'Rows accepted.', { ...about, required: true }),
    column('rows_quarantined', 'bigint', 'Rows held back until the agency puts them right.', {
      ...about,
      required: true,
    }),
    column('rows_duplicate', 'bigint', 'Rows that repeat another row of the same feed.', { ...about, required: true }),
  ],
}

const quarantineCounts: PseudonymisedTable = {
  name: 'quarantine_counts',
  grain: 'feed and check that held rows back',
  key: ['feed', 'code'],
  columns: [
    feed,
    column('code', 'varchar', 'Check that failed.', { list: 'check_codes', required: true }),
    column('rows', 'bigint', 'Rows with at least one such fault.', { ...about, required: true }),
  ],
}

const exclusions: PseudonymisedTable = {
  name: 'exclusions',
  grain: 'reason why people are not on the register',
  key: ['reason'],
  columns: [
    column('reason', 'varchar', 'Why there is no lawful basis (K90 to K93).', {
      list: 'consent_bases',
      required: true,
    }),
    column('people', 'bigint', 'People left out for it.', { ...about, required: true }),
  ],
}
