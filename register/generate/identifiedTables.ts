import { pseudonymisedTables, type PseudonymisedColumn } from '../pseudonymisedColumns.ts'
import { duckdbType, type Dictionary, type Table } from '../readDictionary.ts'

export interface TypedColumn {
  readonly name: string
  readonly type: string
  readonly list: string | null
  readonly meaning: string
  readonly required: boolean
}

export interface IdentifiedTable {
  readonly name: string
  readonly grain: string
  readonly columns: readonly TypedColumn[]
}

function column(name: string, type: string, meaning: string, list: string | null = null, required = true): TypedColumn {
  return { name, type, list, meaning, required }
}

const person = column('person_id', 'varchar', 'The person; never shown.')

const origin: readonly TypedColumn[] = [
  column('row_id', 'bigint', 'Number of the row, unique in its table.'),
  person,
  column('feed', 'varchar', 'Contract whose delivery said it.'),
  column('feed_agency', 'varchar', 'Kind of agency that said it.', 'agencies'),
  column('delivered_on', 'date', 'Data cut of the delivery that said it.', null, false),
  column('source_row', 'bigint', 'Row of the delivered file or sheet.'),
]

/** The tables of `register.duckdb` that are read by name: persons, those of the dictionary, disagreements, feeds. */
export function identifiedTables(dictionary: Dictionary): readonly IdentifiedTable[] {
  const shared = new Map(pseudonymisedTables(dictionary).map((table) => [table.name, table]))
  const same = (name: string): readonly PseudonymisedColumn[] => shared.get(name)?.columns ?? []
  return [
    { name: 'persons', grain: 'person past the consent gate', columns: personColumns },
    ...dictionary.flatMap(declaredTables),
    { name: 'disagreements', grain: 'person, field and feed that differs from another', columns: disagreementColumns },
    {
      name: 'link_questions',
      grain: 'pair of records that may be one person, until the team decides',
      columns: linkQuestionColumns,
    },
    {
      name: 'feeds',
      grain: 'feed',
      columns: [
        ...same('feeds'),
        column('agency_name', 'varchar', 'Name of the agency.'),
        column(
          'people_held_over',
          'bigint',
          'People as they were known before, because their newest record was set aside.',
        ),
      ],
    },
  ]
}

function declaredTables(table: Table): readonly IdentifiedTable[] {
  const columns = [...origin, ...declaredColumns(table)]
  if (table.name !== 'people')
    return [{ name: table.name, grain: `record of ${table.name} that one agency made`, columns }]
  return [
    { name: 'people', grain: 'person, with the newest recorded value of each field', columns },
    { name: 'agency_records', grain: 'record that one agency holds of a person', columns },
  ]
}

const personColumns: readonly TypedColumn[] = [
  person,
  column('case_ref', 'varchar', 'Random, stable reference of the case: the only one in an address.'),
  column('nhs_number', 'varchar', 'NHS number.', null, false),
  column('consent_basis', 'varchar', 'Lawful basis.', 'consent_bases'),
  column('consent_state', 'varchar', 'Standing of that basis today.', 'consent_states'),
  column('consent_decided_on', 'date', 'Day of the decision.', null, false),
  column(
    'grace_ends_on',
    'date',
    'Day from which a named person may seal the case; empty while the basis is valid.',
    null,
    false,
  ),
]

const disagreementColumns: readonly TypedColumn[] = [
  person,
  column('field', 'varchar', 'Field of people on which they differ.', 'disagreement_fields'),
  column('feed', 'varchar', 'Feed that says it.'),
  column('value', 'varchar', 'What it says.', null, false),
  column('recorded_on', 'date', 'When it said so.', null, false),
  column('is_used', 'boolean', 'Whether the register takes this value.'),
]

const linkQuestionColumns: readonly TypedColumn[] = [
  column('question', 'varchar', 'Id of the question: dsr links names it.'),
  column(
    'kind',
    'varchar',
    'alike, two_numbers (alike in all but the number), same_number (parted by decision, yet one number) or joined.',
  ),
  ...['one', 'other'].flatMap((side) => [
    column(`${side}_feed`, 'varchar', `Feed of ${side} record.`),
    column(`${side}_local_id`, 'varchar', `Number that the agency gave to ${side} record.`),
    column(`${side}_person_id`, 'varchar', `Person that ${side} record belongs to now.`),
  ]),
  column('weight', 'double', 'How much speaks for one person, in bits.', null, false),
  column('agrees', 'varchar', 'What agrees, in words; never a value.'),
  column('differs', 'varchar', 'What differs, in words; never a value.'),
  column('asked_since', 'date', 'Day since which both records are known.'),
]

/** Fields of a dictionary table as columns. */
function declaredColumns(table: Table): readonly TypedColumn[] {
  return table.fields.map((field) => ({
    name: field.name,
    type: duckdbType(field),
    list: field.codes ?? null,
    meaning: field.meaning,
    required: field.required,
  }))
}
