import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { readGeography } from '../register/geography/readGeography.ts'
import type { Attachment } from '../store/openDuckDB.ts'
import { runSql } from './runSql.ts'

/** How many people are placed by what; counts only. */
export interface PlaceCounts {
  /** By the small area that their agency gives. */
  readonly bySmallArea: number
  /** By the operator's postcode file, where an agency gives only a postcode. */
  readonly byPostcode: number
  /** Neither gives an area of the look-up: ICB of residence and deprivation are not known. */
  readonly unknown: number
}

/** The operator's postcode file as importPostcodes keeps it in the deployment's `reference` folder. */
export function postcodeFile(referenceFolder: string): string {
  return join(referenceFolder, 'postcodes.duckdb')
}

/** Attached while the identified zone is open; nothing of it is copied into the warehouse. */
export function postcodeAttachment(referenceFolder: string): readonly Attachment[] {
  const path = postcodeFile(referenceFolder)
  return existsSync(path) ? [{ path, alias: 'postcodes', readOnly: true }] : []
}

/** Temporary tables for the place treatment: `areas` (council, ICB and deprivation by small area) and `postcode_areas`. */
export async function loadPlaces(connection: DuckDBConnection, referenceFolder: string): Promise<void> {
  await runSql(
    connection,
    'making the table of areas',
    'create temp table areas (lsoa21 varchar, icb_ods varchar, utla_gss varchar, quintile varchar)',
  )
  const appender = await connection.createAppender('areas')
  for (const area of readGeography(referenceFolder).lsoas) {
    for (const value of [area.lsoa21, area.icbOds, area.utlaGss, area.quintile]) {
      if (value === '') appender.appendNull()
      else appender.appendVarchar(value)
    }
    appender.endRow()
  }
  appender.closeSync()
  await runSql(
    connection,
    'making the table of postcodes',
    postcodeAttachment(referenceFolder).length > 0
      ? 'create temp view postcode_areas as select postcode, lsoa21 from postcodes.main.postcodes'
      : 'create temp table postcode_areas (postcode varchar, lsoa21 varchar)',
  )
}

/** SQL for a postcode as the file has it: letters and digits, upper case. */
export function bareSql(postcodeSql: string): string {
  return `upper(regexp_replace(${postcodeSql}, '[^A-Za-z0-9]', '', 'g'))`
}

/** Joins for the place treatment of `people`, from a row of the register under the name `source`. */
export const placeJoins: readonly string[] = [
  `left join postcode_areas on postcode_areas.postcode = case when source.lsoa21 is null then ${bareSql('source.postcode')} end`,
  'left join areas on areas.lsoa21 = coalesce(source.lsoa21, postcode_areas.lsoa21)',
]

export async function countPlaces(connection: DuckDBConnection): Promise<PlaceCounts> {
  const [row] = await runSql(
    connection,
    'counting places',
    `select
        count(*) filter (where areas.lsoa21 is not null and source.lsoa21 is not null) as by_small_area,
        count(*) filter (where areas.lsoa21 is not null and source.lsoa21 is null) as by_postcode,
        count(*) filter (where areas.lsoa21 is null) as unknown
    from register.main.people as source
    ${placeJoins.join('\n    ')}`,
  )
  return {
    bySmallArea: Number(row?.['by_small_area']),
    byPostcode: Number(row?.['by_postcode']),
    unknown: Number(row?.['unknown']),
  }
}
