import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'
import { nearest } from '../register/nearest.ts'
import { openDuckDB, quoteName, quoteText } from '../store/openDuckDB.ts'
import { bareSql, postcodeFile } from './places.ts'
import { runSql } from './runSql.ts'

/** Headings of the ONS Postcode Directory and of cuts of it, over the years. */
const postcodeHeadings = ['pcds', 'pcd', 'pcd2', 'pcd7', 'pcd8', 'postcode']
const areaHeadings = ['lsoa21', 'lsoa21cd', 'lsoa21_code']

export interface ImportedPostcodes {
  readonly rows: number
  /** Postcodes outside England, which are not taken. */
  readonly elsewhere: number
}

/**
 * Takes the operator's postcode file (ONS Postcode Directory, or any CSV of postcode and LSOA 2021) into the deployment's
 * reference folder. Postcodes that ended are taken too: an agency may still hold the old one. Two and a half million rows are
 * a normal file, so it is read by DuckDB. Nothing is written unless every row is right.
 */
export async function importPostcodes(referenceFolder: string, file: string): Promise<ImportedPostcodes> {
  if (!existsSync(file)) throw wrong(file, 'it cannot be read')
  mkdirSync(referenceFolder, { recursive: true, mode: 0o700 })
  const final = postcodeFile(referenceFolder)
  const building = `${final}.new`
  rmSync(building, { force: true })
  const database = await openDuckDB({ attach: [{ path: building, alias: 'postcodes' }] })
  try {
    const imported = await readPostcodes(database.connection, file)
    await runSql(database.connection, 'writing postcodes', 'checkpoint postcodes')
    database.close()
    renameSync(building, final)
    return imported
  } catch (error) {
    database.close()
    rmSync(building, { force: true })
    throw error
  }
}

async function readPostcodes(connection: DuckDBConnection, file: string): Promise<ImportedPostcodes> {
  // Everything as text, and no guessing: what a value is, is checked below.
  const source = `read_csv(${quoteText(file)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')`
  const described = await runSql(connection, 'reading the headings', `describe select * from ${source}`).catch(() => {
    throw wrong(file, 'it is not a CSV file with a header')
  })
  const headings = described.map((row) => String(row['column_name']))
  const postcode = headingOf(file, headings, postcodeHeadings)
  const area = headingOf(file, headings, areaHeadings)
  await runSql(
    connection,
    'reading postcodes',
    `create temp table read_postcodes as
    select ${bareSql(quoteName(postcode))} as postcode, trim(${quoteName(area)}) as lsoa21 from ${source}`,
  ).catch(() => {
    throw wrong(file, 'some of its rows do not have as many cells as the header')
  })
  const [row] = await runSql(connection, 'checking postcodes', checkSql)
  const number = (name: string): number => Number(row?.[name] ?? 0)
  const faults = [
    [number('rows') === 0 ? 1 : 0, 'it has no rows'],
    [number('not_postcode'), `${postcode}: some are not shaped like a postcode`],
    [number('not_area'), `${area}: some are not shaped like the code of a small area`],
    [number('in_two_areas'), `${postcode}: some stand in two small areas`],
  ] as const
  const found = faults.filter(([rows]) => rows > 0).map(([rows, what]) => `${what} (${rows} rows)`)
  if (found.length > 0) throw wrong(file, found.join('; '))
  await runSql(
    connection,
    'keeping postcodes',
    `create table postcodes.main.postcodes as
    select distinct postcode, lsoa21 from read_postcodes where lsoa21 like 'E01%' order by postcode`,
  )
  const [kept] = await runSql(connection, 'counting postcodes', 'select count(*) as rows from postcodes.main.postcodes')
  return { rows: Number(kept?.['rows']), elsewhere: number('elsewhere') }
}

/** Channel Islands, Isle of Man and postcodes without a place have codes of one letter and eight nines, or none. */
const checkSql = `
with

shared as (
    select postcode from read_postcodes where lsoa21 like 'E01%' group by postcode having count(distinct lsoa21) > 1
)

select
    count(*) as rows,
    count(*) filter (where not coalesce(regexp_full_match(postcode, '[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}'), false)) as not_postcode,
    count(*) filter (where lsoa21 <> '' and not regexp_full_match(lsoa21, '[A-Z][0-9]{8}|[0-9]{2}[A-Z0-9]{6}')) as not_area,
    count(*) filter (where coalesce(lsoa21, '') not like 'E01%') as elsewhere,
    (select count(*) from shared) as in_two_areas
from read_postcodes`

function headingOf(file: string, headings: readonly string[], known: readonly string[]): string {
  const found = headings.find((heading) => known.includes(heading.trim().toLowerCase()))
  if (found !== undefined) return found
  const near = nearest(known[0] ?? '', headings)
  const likely = near === null ? '' : ` (nearest column of the file: ${near})`
  throw wrong(file, `no column is called ${known.join(' or ')}${likely}`)
}

function wrong(file: string, what: string): DsrError {
  return new DsrError(
    'input',
    `${basename(file)} was not taken: ${what}.`,
    'Put the file right and import it again; register/geography/README.md describes it.',
  )
}
