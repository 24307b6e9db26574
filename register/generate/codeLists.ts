import { tableNames, type Dictionary } from '../readDictionary.ts'
import { formatCsv } from '../geography/csvRows.ts'
import { readGeography } from '../geography/readGeography.ts'

/** The code lists that follow from the dictionary and from geography, so that nobody writes them twice. */
export function derivedCodeLists(dictionary: Dictionary): ReadonlyMap<string, string> {
  const { icbs, councils } = readGeography()
  const people = dictionary.find((table) => table.name === 'people')?.fields ?? []
  return new Map([
    list('icbs', icbs.map((icb) => ({ code: icb.ods, label: shortName(icb.name) })).sort(byCode)),
    list('councils', councils.map((council) => ({ code: council.gss, label: council.name })).sort(byCode)),
    list(
      'disagreement_fields',
      // The fields of a person, and the two facts of other tables that are compared.
      [...people.map((field) => field.name), 'rating', 'consent'].map((name) => ({ code: name, label: words(name) })),
    ),
    list(
      'register_tables',
      tableNames.map((name) => ({ code: name, label: words(name) })),
    ),
  ])
}

interface Row {
  readonly [column: string]: string
  readonly code: string
  readonly label: string
}

function list(name: string, rows: readonly Row[]): [string, string] {
  return [`register/codes/${name}.csv`, formatCsv(['code', 'label'], rows)]
}

function byCode(a: Row, b: Row): number {
  return a.code < b.code ? -1 : 1
}

/** "NHS Humber and North Yorkshire Integrated Care Board" is too long for a chart's axis. */
function shortName(name: string): string {
  return name.replace(/^NHS /, '').replace(/ Integrated Care Board$/, '')
}

const written: Readonly<Record<string, string>> = {
  nhs_number: 'NHS number',
  ld_status: 'Learning disability status',
  gp_ods: 'GP practice',
  ehcp: 'Education, health and care plan',
  responsible_icb_ods: 'Responsible ICB',
  host_icb_ods: 'Host ICB',
  placing_icb_ods: 'Placing ICB',
  responsible_utla_gss: 'Responsible council',
  residence_utla_gss: 'Council of residence',
  lsoa21: 'Small area (LSOA 2021)',
  local_id: 'Agency’s own number',
  cetrs: 'C(E)TRs',
  sex_code: 'Gender',
  ethnic_code: 'Ethnic category',
  gender_identity_code: 'Gender identity',
  accommodation_code: 'Accommodation',
}

function words(name: string): string {
  const text = written[name] ?? name.replaceAll('_', ' ')
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
