import type { DuckDBConnection } from '@duckdb/node-api'
import { dirname, resolve } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { openDuckDB, quoteName, quoteText } from '../../store/openDuckDB.ts'
import { readSecret } from '../secretFile.ts'
import type { Output } from './readProcess.ts'
import type { ReadRequest } from './readRequest.ts'
import { overLimit } from './requireKind.ts'
import { JsonRecords } from './scanJson.ts'
import type { Counter } from './scanCsv.ts'

/**
 * Gives the rows of tables or views of a PostgreSQL database as JSON records: lists, dates and nested values come as the
 * database itself writes them. All tables are read in one transaction that can only read and sees one moment. The
 * columns that the contract ignores never leave the database. A row's number is its primary key where that is one whole
 * number, else its place in the order of the key (or, without a key, of the content).
 * @throws DsrError 'input' in words that hold nothing of the connection
 */
export async function readPostgres(request: ReadRequest, output: Output): Promise<void> {
  const keywords = connectionKeywords(readSecret(request.path), dirname(request.path))
  const database = await openDuckDB({ attach: [], extensions: ['postgres_scanner'], memoryLimit: '2GB', threads: 1 })
  const { connection } = database
  try {
    await connection.run('set preserve_insertion_order = true')
    await connection.run(`attach ${quoteText(keywords)} as source (type postgres, read_only)`)
    await connection.run('begin')
    const tables: Table[] = []
    for (const sheet of request.sheets) tables.push(await findTable(connection, sheet, request.ignore))
    for (const table of tables) await giveTable(connection, table, request, output)
  } catch (error) {
    throw error instanceof DsrError ? error : explain(error)
  } finally {
    database.close()
  }
}

interface Table {
  /** As it stands in SQL. */
  readonly name: string
  readonly sheet: string
  readonly columns: readonly string[]
  /** Columns of the primary key, in its order; none for a view. */
  readonly key: readonly string[]
  /** Whether a row's key can be its number. */
  readonly isNumbered: boolean
}

type Sheet = ReadRequest['sheets'][number]

/** The rows of a query that PostgreSQL itself performs, in the one transaction; every value as text. */
async function ask(connection: DuckDBConnection, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const reader = await connection.runAndReadAll(`from postgres_query('source', ${quoteText(sql)})`)
  return reader.getRowsJson() as (string | null)[][]
}

async function findTable(
  connection: DuckDBConnection,
  { name, columns: wanted = [] }: Sheet,
  ignore: readonly string[] = [],
): Promise<Table> {
  const [, schema = '', relation = ''] = /^([^.]+)\.(.+)$/.exec(name) ?? []
  if (relation === '')
    throw new DsrError('input', `${name} names no table.`, 'Write sheet: schema.table in the contract.')
  const rows = await ask(
    connection,
    `select attname::text, has_column_privilege(attrelid, attnum, 'select')::text,
      coalesce(array_position(i.indkey::int2[], a.attnum), -1)::text, (atttypid in (20, 21, 23))::text
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where n.nspname = ${quoteText(schema)} and c.relname = ${quoteText(relation)} and attnum > 0 and not attisdropped
    order by attnum`,
  )
  if (rows.length === 0) {
    throw new DsrError(
      'input',
      `The database has no table or view ${name}.`,
      'Correct sheet in the contract (schema.table), or ask the owner of the database.',
    )
  }
  const found = rows.map(([column]) => column ?? '')
  const unread = rows.filter(([, mayRead]) => mayRead !== 'true').map(([column]) => column ?? '')
  for (const column of wanted) {
    if (!found.includes(column))
      throw new DsrError('input', `${name} has no column ${column}.`, 'Correct its name in the contract.')
    if (unread.includes(column)) throw mayNotRead(`column ${column} of ${name}`)
  }
  const columns = found.filter((column) => !ignore.includes(column) && !unread.includes(column))
  if (columns.length === 0) throw mayNotRead(name)
  const keyed = rows.filter(([, , place]) => place !== '-1').sort((a, b) => Number(a[2]) - Number(b[2]))
  const key = keyed.some(([, mayRead]) => mayRead !== 'true') ? [] : keyed.map(([column]) => column ?? '')
  const table = { name: `${quoteName(schema)}.${quoteName(relation)}`, sheet: name, columns, key }
  return {
    ...table,
    isNumbered: key.length === 1 && keyed[0]?.[3] === 'true' && (await fitsNumbers(connection, table)),
  }
}

function mayNotRead(what: string): DsrError {
  return new DsrError(
    'input',
    `The user of the database may not read ${what}.`,
    'Ask the owner of the database to grant select on it, and nothing more.',
  )
}

async function fitsNumbers(connection: DuckDBConnection, { name, key }: Omit<Table, 'isNumbered'>): Promise<boolean> {
  const column = quoteName(key[0] ?? '')
  const [row] = await ask(
    connection,
    `select (coalesce(min(${column}), 1) > 0 and coalesce(max(${column}), 1) < 2147483647)::text as fits from ${name}`,
  )
  return row?.[0] === 'true'
}

async function giveTable(
  connection: DuckDBConnection,
  table: Table,
  { limits }: ReadRequest,
  output: Output,
): Promise<void> {
  const [count] = await ask(connection, `select count(*)::text as records from ${table.name}`)
  const expected = Number(count?.[0] ?? 0)
  if (expected > limits.rows) throw overLimit('rows', `${table.sheet} has more than ${limits.rows} rows.`)
  const counter: Counter = { counted: 0, undecoded: 0 }
  const records = new JsonRecords(counter, limits.cell_characters)
  const rows = await connection.stream(`from postgres_query('source', ${quoteText(selectRows(table))})`)
  output.begin(1)
  for await (const batch of rows.yieldRows()) {
    for (const [number, text] of batch) records.add(Number(number), typeof text === 'string' ? text : '', false)
    if (records.isFull) output.write(records.take())
  }
  output.write(records.take())
  const { paths, lists } = records.found
  if (paths.length > limits.columns)
    throw overLimit('columns', `${table.sheet} holds more than ${limits.columns} values.`)
  // Counted by PostgreSQL at the same moment: the count that knows nothing of what was read.
  output.end({ counted: expected, headings: paths, lists, formulas: [] })
}

function selectRows({ name, columns, key, isNumbered }: Table): string {
  const content = `row_to_json((select r from (select ${columns.map((column) => `source.${quoteName(column)}`).join(', ')}) as r))::text`
  const order = key.map((column) => `source.${quoteName(column)}`).join(', ')
  if (key.length === 0) {
    return `select row_number() over (order by content)::bigint as record, content
      from (select ${content} as content from ${name} as source) as unordered order by 1`
  }
  const number = isNumbered ? order : `row_number() over (order by ${order})`
  return `select (${number})::bigint as record, ${content} as content from ${name} as source order by ${order}`
}

/**
 * The keywords of the connection file as libpq takes them, one moment's patience added. Another machine is only spoken
 * to over TLS with its certificate checked. A relative certificate file lies beside the connection file.
 */
function connectionKeywords(text: string, folder: string): string {
  const found = new Map<string, string>()
  const rest = text
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(
      /(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)+))/gs,
      (_, key: string, quoted?: string, plain?: string) => {
        found.set(key, (quoted ?? plain ?? '').replaceAll(/\\(.)/gs, '$1'))
        return ''
      },
    )
  if (rest.trim() !== '' || found.size === 0) throw notUnderstood()
  const host = found.get('host') ?? found.get('hostaddr') ?? ''
  const isHere = host.startsWith('/') || ['', 'localhost', '127.0.0.1', '::1'].includes(host)
  if (!isHere && !['verify-full', 'verify-ca'].includes(found.get('sslmode') ?? '')) {
    throw new DsrError(
      'input',
      'The connection to the database could be listened to: its server is another machine and nothing checks it.',
      'Add sslmode=verify-full and sslrootcert=FILE to the connection file.',
    )
  }
  for (const key of ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'passfile']) {
    const file = found.get(key)
    if (file !== undefined && file !== 'system') found.set(key, resolve(folder, file))
  }
  if (!found.has('connect_timeout')) found.set('connect_timeout', '15')
  found.set('client_encoding', 'UTF8')
  return [...found].map(([key, value]) => `${key}='${value.replaceAll(/[\\']/g, '\\$&')}'`).join(' ')
}

function notUnderstood(): DsrError {
  return new DsrError(
    'input',
    'The connection file is not understood.',
    'Write keywords into it: host=… port=5432 dbname=… user=… password=… sslmode=verify-full sslrootcert=…',
  )
}

/** PostgreSQL's and DuckDB's own texts quote the connection and rows; which case it was is kept. */
const cases: readonly { readonly pattern: RegExp; readonly what: string; readonly remedy: string }[] = [
  {
    pattern: /authentication failed|no password supplied|role .* does not exist|pg_hba\.conf|not permitted to log in/i,
    what: 'The database refuses the user or the password.',
    remedy: 'Correct them in the connection file, or ask the owner of the database.',
  },
  {
    pattern: /database .* does not exist/i,
    what: 'The server has no database of that name.',
    remedy: 'Correct dbname in the connection file.',
  },
  {
    pattern: /certificate|SSL|server does not support/i,
    what: 'The connection to the database cannot be secured: its certificate does not fit.',
    remedy: 'Ask the owner of the database for its authority’s certificate and name it as sslrootcert.',
  },
  {
    pattern: /invalid connection option|missing "="|invalid .* value|invalid port/i,
    what: notUnderstood().message,
    remedy: notUnderstood().remedy,
  },
  {
    pattern: /permission denied/i,
    what: 'The user of the database may not read all that the contract names.',
    remedy: 'Ask the owner of the database to grant usage on the schema and select on the tables, and nothing more.',
  },
  {
    pattern: /unable to connect|could not connect|server closed the connection|terminating connection|no connection/i,
    what: 'The database cannot be reached.',
    remedy:
      'Check that it runs, that host and port of the connection file are right, and that the network lets us through.',
  },
]

function explain(error: unknown): DsrError {
  const text = error instanceof Error ? error.message : ''
  const found = cases.find(({ pattern }) => pattern.test(text))
  return new DsrError(
    'input',
    found?.what ?? 'The database could not be read.',
    found?.remedy ?? 'Try again; ask its owner to look at its log for what was refused.',
  )
}
