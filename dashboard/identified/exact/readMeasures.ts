import type { CubeRows } from '../../../register/release.ts'
import type { Row, VersionData } from '../openVersions.ts'
import { text } from '../words.ts'

export type ExactRows = { readonly [Name in keyof CubeRows]: readonly CubeRows[Name][] }

// Only the places asked for leave the database: another ICB's number is not hidden by a page, it is never read.
const sql = `
    select measure, month, place, breakdown_kind, breakdown, people::integer as people
    from warehouse.marts.measures_monthly
    where list_contains($places::varchar[], place)
    order by measure, breakdown_kind, breakdown, month, place`

/** The exact measures of these places in the shape of a release's cubes, every cell shown. */
export async function readMeasures(data: VersionData, places: readonly string[]): Promise<ExactRows> {
  const rows = await data.rows(sql, { places })
  const of = (measure: string, ...kinds: string[]): readonly Row[] =>
    rows.filter((row) => row['measure'] === measure && kinds.includes(text(row['breakdown_kind'])))
  const latest = rows.reduce((newest, row) => (text(row['month']) > newest ? text(row['month']) : newest), '')
  return {
    people_by_rating_month: of('people', 'rating', 'none').map((row) => ({ ...cellOf(row), rating: ratingOf(row) })),
    reviews_by_rating_month: [...of('people', 'rating', 'none'), ...of('overdue', 'rating', 'none')].map((row) => ({
      ...cellOf(row),
      rating: ratingOf(row),
      measure: text(row['measure']),
    })),
    themes_by_month: of('theme_people', 'theme').map((row) => ({ ...cellOf(row), theme_code: text(row['breakdown']) })),
    gaps_by_service_month: of('gap_people', 'service').map((row) => ({
      ...cellOf(row),
      service_code: text(row['breakdown']),
    })),
    gaps_by_family_reason: of('gap_people', 'service_family_reason')
      .filter((row) => row['month'] === latest)
      .map(familyReason),
  }
}

function cellOf(row: Row) {
  return { month: text(row['month']), place: text(row['place']), value: Number(row['people']), state: 'shown' as const }
}

/** Not broken down is all ratings together. */
function ratingOf(row: Row): string {
  return row['breakdown_kind'] === 'none' ? 'all' : text(row['breakdown'])
}

/** `F01|U02`: a service family and why its services are not to be had. */
function familyReason(row: Row): CubeRows['gaps_by_family_reason'] {
  const [family = '', reason = ''] = text(row['breakdown']).split('|')
  const { place, value, state } = cellOf(row)
  return { place, value, state, service_family: family, unavailable_reason: reason }
}
