import type { PseudonymisedColumn, PseudonymisedTable } from '../register/pseudonymisedColumns.ts'
import type { Dictionary } from '../register/readDictionary.ts'
import { quoteName } from '../store/openDuckDB.ts'
import { ageBandSql } from './ageBandSql.ts'
import { placeJoins } from './places.ts'

/**
 * SQL that makes one table of the warehouse from the register table of the same name. Each column is named, with its type:
 * a column stands here because the dictionary lets it cross (register/pseudonymisedColumns.ts), never because it exists.
 *
 * Reads the temporary tables `made_pseudonyms`, `areas`, `postcode_areas` and `role_codes`, and the variable `as_of`.
 */
export function treatedTableSql(table: PseudonymisedTable, dictionary: Dictionary): string {
  const columns = table.columns.map((column) => {
    return `    cast(${columnSql(column, table, dictionary)} as ${column.type}) as ${quoteName(column.name)}`
  })
  const joins = [
    hasColumn(table, 'pseudonym') ? 'join made_pseudonyms on made_pseudonyms.person_id = source.person_id' : '',
    ...(hasColumn(table, 'deprivation_quintile') ? areaJoins(table) : []),
    hasColumn(table, 'role_code') ? 'left join role_codes on role_codes.role = source.role' : '',
    hasColumn(table, 'consent_state')
      ? 'left join register.main.persons as persons on persons.person_id = source.person_id'
      : '',
  ]
  const source = sourceSql(table)
  return [
    `create table warehouse.register.${quoteName(table.name)} as`,
    'select',
    columns.join(',\n'),
    `from ${source} as source`,
    ...joins.filter(Boolean),
  ].join('\n')
}

/** The rows of the register that a table of the warehouse is made of. */
export function sourceSql(table: PseudonymisedTable): string {
  // What the agencies said stays in the register: that they differ is all that crosses.
  if (table.name === 'disagreements') return '(select distinct person_id, field from register.main.disagreements)'
  return `register.main.${quoteName(table.name)}`
}

/** By the small area of the extract; where that carries only a postcode, by the operator's own postcode file. */
function areaJoins(table: PseudonymisedTable): readonly string[] {
  // The statutory tables hold no postcode.
  return table.name === 'people' ? placeJoins : ['left join areas on areas.lsoa21 = source.lsoa21']
}

function hasColumn(table: PseudonymisedTable, name: string): boolean {
  return table.columns.some((column) => column.name === name)
}

function columnSql(column: PseudonymisedColumn, table: PseudonymisedTable, dictionary: Dictionary): string {
  switch (column.name) {
    case 'pseudonym':
    case 'record_key':
      return `made_pseudonyms.${column.name}`
    case 'age_band':
      return ageBandAt(table, dictionary)
    case 'role_code':
      return 'role_codes.code'
    case 'consent_state':
      return 'persons.consent_state'
    case 'is_consent_grace_over':
      return `persons.consent_state <> 'valid' and coalesce(persons.grace_ends_on < cast(getvariable('as_of') as date), true)`
  }
  if (hasColumn(table, 'deprivation_quintile')) {
    switch (column.name) {
      case 'residence_utla_gss':
        return 'coalesce(source.residence_utla_gss, areas.utla_gss)'
      case 'residence_icb_ods':
        return 'areas.icb_ods'
      case 'deprivation_quintile':
        return 'areas.quintile'
    }
  }
  if (!column.copied) throw new Error(`no treatment makes ${table.name}.${column.name}`)
  return `source.${quoteName(column.name)}`
}

/** Banded at the event, not today: a rise at 17 must stay one of 16-17 when the person has turned 30. */
function ageBandAt(table: PseudonymisedTable, dictionary: Dictionary): string {
  if (table.name === 'people') return ageBandSql('source.date_of_birth', `cast(getvariable('as_of') as date)`)
  if (table.name === 'statutory_admissions') return ageBandSql('source.date_of_birth', 'source.admitted')
  const eventDate = dictionary.find((entry) => entry.name === table.name)?.eventDate
  if (!eventDate) throw new Error(`${table.name} has an age band but no event date`)
  return ageBandSql('made_pseudonyms.date_of_birth', `source.${quoteName(eventDate)}`)
}
