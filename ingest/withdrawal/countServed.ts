import { existsSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { versionFiles } from '../../store/deployment.ts'
import { openDuckDB, quoteName } from '../../store/openDuckDB.ts'
import { numberIn, query, run, textIn } from '../statement.ts'

/** Rows of a person in one zone, by table. */
export type RowsByTable = Readonly<Record<string, number>>

/** Rows of a person in a version: of the identified register and of the pseudonymised warehouse. */
export interface VersionRows {
  readonly register: RowsByTable
  readonly warehouse: RowsByTable
}

export const noRows: VersionRows = { register: {}, warehouse: {} }

/**
 * Counts each person's rows in every table of a version that has a person or a pseudonym.
 * @param choose prepares what it needs on the connection and gives the SQL of the persons, as (key, person_id)
 */
export async function countVersion(
  versionFolder: string | null,
  storeKey: Buffer,
  tempDirectory: string,
  choose: (connection: DuckDBConnection) => Promise<string>,
): Promise<ReadonlyMap<string, VersionRows>> {
  if (versionFolder === null) return new Map()
  const files = versionFiles(versionFolder)
  if (!existsSync(files.register) || !existsSync(files.warehouse)) return new Map()
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: storeKey, readOnly: true },
      { path: files.warehouse, alias: 'warehouse', readOnly: true },
    ],
    tempDirectory,
  })
  try {
    const { connection } = database
    await run(
      connection,
      'choose people to count',
      `create temp table chosen as
      select chosen.key, chosen.person_id, pseudonyms.pseudonym
      from (${await choose(connection)}) as chosen
      left join register.main.pseudonyms as pseudonyms using (person_id)`,
    )
    const counted = new Map<string, VersionRows>()
    for (const row of await query(connection, 'list people to count', 'select distinct key from chosen')) {
      const key = textIn(row, 'key')
      counted.set(key, {
        register: await countZone(connection, 'register', 'person_id', key),
        warehouse: await countZone(connection, 'warehouse', 'pseudonym', key),
      })
    }
    return counted
  } finally {
    database.close()
  }
}

async function countZone(
  connection: DuckDBConnection,
  zone: 'register' | 'warehouse',
  column: 'person_id' | 'pseudonym',
  key: string,
): Promise<RowsByTable> {
  const tables = await query(
    connection,
    'list tables of people',
    `select columns.schema_name, columns.table_name
    from duckdb_columns() as columns
    join duckdb_tables() as tables using (database_name, schema_name, table_name)
    where columns.database_name = $zone and columns.column_name = $column
    order by 1, 2`,
    { zone, column },
  )
  const rows: Record<string, number> = {}
  for (const table of tables) {
    const name = [textIn(table, 'schema_name'), textIn(table, 'table_name')]
    const [row] = await query(
      connection,
      'count rows of a person',
      `select count(*) as rows from ${[zone, ...name].map(quoteName).join('.')}
      where ${column} in (select ${column} from chosen where key = $key)`,
      { key },
    )
    if (numberIn(row, 'rows') > 0) rows[name[0] === 'main' ? (name[1] ?? '') : name.join('.')] = numberIn(row, 'rows')
  }
  return rows
}

/** The rows of persons in a version, by person; whatever id the person had in it. */
export function countPersons(
  versionFolder: string | null,
  storeKey: Buffer,
  tempDirectory: string,
  persons: readonly { readonly personId: string; readonly aliases: readonly string[] }[],
): Promise<ReadonlyMap<string, VersionRows>> {
  return countVersion(versionFolder, storeKey, tempDirectory, async (connection) => {
    const ids = persons.flatMap(({ personId, aliases }) => [personId, ...aliases].map((id) => ({ key: personId, id })))
    await run(
      connection,
      'list ids of people',
      `create temp table ids as select distinct key, id as person_id
      from (select unnest(from_json($ids, '[{"key": "varchar", "id": "varchar"}]'), recursive := true))`,
      { ids: JSON.stringify(ids) },
    )
    return 'select key, person_id from ids'
  })
}
