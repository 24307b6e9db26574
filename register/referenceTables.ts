import type { PseudonymisedColumn, PseudonymisedTable } from './pseudonymisedColumns.ts'

function column(
  name: string,
  type: string,
  meaning: string,
  list: string | null = null,
  required = true,
): PseudonymisedColumn {
  return { name, type, list, meaning, copied: false, required, class: 'none' }
}

/**
 * Tables of `warehouse.duckdb`, schema `reference`: what dbt knows besides the register. Transform writes them before
 * dbt runs, so that settings are rows of a source and not variables (design.md 7).
 */
export const referenceTables: readonly PseudonymisedTable[] = [
  {
    name: 'settings',
    grain: 'setting that is one value',
    key: ['name'],
    columns: [
      column('name', 'varchar', 'Name of the setting, as in dsr.yml; as_of is the day that counts as today.'),
      column('value', 'varchar', 'Its value as text; dates as 2026-10-31.'),
    ],
  },
  {
    name: 'review_intervals',
    grain: 'rating, age band, place and day from which the interval holds',
    key: ['rating', 'age_band', 'place', 'valid_from'],
    columns: [
      column('rating', 'varchar', 'Rating it is for.', 'ratings'),
      column('age_band', 'varchar', 'any, under_18 or adult.'),
      column('place', 'varchar', 'ODS code of an ICB, or any.'),
      column('days', 'integer', 'Days from a review to the next.'),
      column('valid_from', 'date', 'First day it holds.'),
      column('valid_to', 'date', 'Last day it holds; empty while it does.', null, false),
    ],
  },
  {
    name: 'codes',
    grain: 'code of a code list',
    key: ['list', 'code'],
    columns: [
      column('list', 'varchar', 'Name of the list.'),
      column('code', 'varchar', 'Code.'),
      column('label', 'varchar', 'What a person reads.'),
    ],
  },
  {
    name: 'services',
    grain: 'service',
    key: ['code'],
    columns: [
      column('code', 'varchar', 'Service.', 'services'),
      column('label', 'varchar', 'What a person reads.'),
      column('family', 'varchar', 'Family of services it belongs to.', 'service_families'),
      column('commissioner', 'varchar', 'Who commissions it.'),
    ],
  },
  {
    name: 'organisations',
    grain: 'organisation',
    key: ['code'],
    columns: [
      column('code', 'varchar', 'ODS code of an ICB or GSS code of a council.'),
      column('kind', 'varchar', 'icb or council.'),
      column('name', 'varchar', 'Its name.'),
      column('region_code', 'varchar', 'NHS region of an ICB; empty for a council.', null, false),
    ],
  },
  {
    name: 'populations',
    grain: 'ICB and age group',
    key: ['icb_ods', 'age_group'],
    columns: [
      column('icb_ods', 'varchar', 'ICB.', 'icbs'),
      column('age_group', 'varchar', 'all, under_18 or adult.'),
      column('people', 'integer', 'People who live there.'),
    ],
  },
]
