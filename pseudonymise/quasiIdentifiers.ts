import type { PseudonymisedTable } from '../register/pseudonymisedColumns.ts'
import type { Dictionary } from '../register/readDictionary.ts'

/** What pseudonymise makes of a birth date and of an address still narrows down who it is. */
const madeColumns: ReadonlySet<string> = new Set([
  'age_band',
  'residence_icb_ods',
  'residence_utla_gss',
  'deprivation_quintile',
])

/**
 * Columns of a pseudonymised table that together may single someone out: fields that the dictionary declares as indirectly
 * identifying, or as criminal-offence data, and what stands for the birth date and the address.
 */
export function quasiIdentifiers(table: PseudonymisedTable, dictionary: Dictionary): readonly string[] {
  // Statutory admissions are no table of the dictionary: their columns are fields of these two.
  const sources = table.name === 'statutory_admissions' ? ['people', 'admissions'] : [table.name]
  const telling = new Set(
    dictionary
      .filter(({ name }) => sources.includes(name))
      .flatMap(({ fields }) => fields)
      .filter(({ identifies }) => identifies === 'indirect' || identifies === 'criminal')
      .map(({ name }) => name),
  )
  return table.columns.map(({ name }) => name).filter((name) => madeColumns.has(name) || telling.has(name))
}
