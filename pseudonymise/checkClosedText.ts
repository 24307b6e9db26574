import type { DuckDBConnection } from '@duckdb/node-api'
import type { ColumnRules } from '../register/closedColumns.ts'
import { quoteName, quoteText } from '../store/openDuckDB.ts'
import type { ClosedValues } from './closedValues.ts'
import { runSql } from './runSql.ts'

/** A column that broke the rule it is held to; `rows` counts the offending rows where values did. */
export interface Breach {
  readonly place: string
  readonly problem: 'forbidden' | 'undeclared' | 'unreadable' | 'not in its list' | 'holds NHS numbers'
  readonly rows: number
}

export interface ClosedTextCheck {
  readonly columns: number
  readonly breaches: readonly Breach[]
}

/** Numbers, dates and truth values: no text can hide in them. */
const plainTypes =
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN|DATE|TIME|TIMESTAMP.*|INTERVAL)$/
const textTypes = /^(VARCHAR|ENUM\(.*\))(\[\])?$/
/** Wide enough for ten digits. */
const wideNumbers = /^(U?(BIG|HUGE)INT|UINTEGER|DOUBLE|DECIMAL\(.*\))$/

/**
 * Holds every column of every table and view of the attached database `warehouse`, in all schemas, to its rule. Complete by
 * construction: it starts from what the file holds, and a type that it cannot look into is itself a breach.
 * Needs `register` attached too (pseudonyms and NHS numbers of this version).
 */
export async function checkClosedText(
  connection: DuckDBConnection,
  rules: ColumnRules,
  values: ClosedValues,
): Promise<ClosedTextCheck> {
  await loadValues(connection, values)
  const columns = await runSql(
    connection,
    'reading the columns of the warehouse',
    `select schema_name, table_name, column_name, data_type from duckdb_columns()
    where database_name = 'warehouse' and not internal
    order by schema_name, table_name, column_index`,
  )
  const breaches: Breach[] = []
  for (const row of columns) {
    const [schema, table, name, type] = [
      row['schema_name'],
      row['table_name'],
      row['column_name'],
      row['data_type'],
    ].map(String)
    if (schema === undefined || table === undefined || name === undefined || type === undefined) continue
    const breach = await checkColumn(connection, rules, { schema, table, name, type })
    if (breach) breaches.push(breach)
  }
  return { columns: columns.length, breaches }
}

interface Column {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly type: string
}

async function checkColumn(connection: DuckDBConnection, rules: ColumnRules, column: Column): Promise<Breach | null> {
  const place = `${column.schema}.${column.table}.${column.name}`
  const rule = rules(column.schema, column.table, column.name)
  if (rule.kind === 'forbidden') return { place, problem: 'forbidden', rows: 0 }
  if (textTypes.test(column.type)) {
    if (rule.kind === 'undeclared') return { place, problem: 'undeclared', rows: 0 }
    const rows = await countOutside(connection, column, rule.lists)
    return rows > 0 ? { place, problem: 'not in its list', rows } : null
  }
  if (!plainTypes.test(column.type)) return { place, problem: 'unreadable', rows: 0 }
  const rows = wideNumbers.test(column.type) ? await countNhsNumbers(connection, column) : 0
  return rows > 0 ? { place, problem: 'holds NHS numbers', rows } : null
}

async function countOutside(connection: DuckDBConnection, column: Column, lists: readonly string[]): Promise<number> {
  const value = column.type.endsWith('[]') ? `unnest(${quoteName(column.name)})` : quoteName(column.name)
  return countRows(
    connection,
    column,
    `with
    texts as (select cast(${value} as varchar) as value from ${relation(column)}),
    found as (select value, count(*) as rows from texts where value is not null group by value)
    select coalesce(sum(rows), 0) as rows from found
    where value not in (select value from closed_values where list in (${lists.map(quoteText).join(', ')}))`,
  )
}

/** Row numbers by the names they go under in the warehouse; each of these tables has the person's pseudonym too. */
const rowNumbers: ReadonlySet<string> = new Set(['row_id', 'from_row_id', 'action_id', 'need_id'])

/**
 * An identifier turned into a number is no text, and as much of a leak. Row numbers are ours: among millions of them some
 * equal a stranger's NHS number by chance, so they are held against the number of their own person only.
 */
async function countNhsNumbers(connection: DuckDBConnection, column: Column): Promise<number> {
  const numbers = rowNumbers.has(column.name)
    ? 'select number from known_numbers where known_numbers.pseudonym = checked.pseudonym'
    : 'select number from known_numbers'
  return countRows(
    connection,
    column,
    `select count(*) as rows from ${relation(column)} as checked
    where cast(checked.${quoteName(column.name)} as double) in (${numbers})`,
  )
}

function relation({ schema, table }: Column): string {
  return `warehouse.${quoteName(schema)}.${quoteName(table)}`
}

async function countRows(connection: DuckDBConnection, column: Column, sql: string): Promise<number> {
  const [row] = await runSql(connection, `checking ${column.schema}.${column.table}.${column.name}`, sql)
  return Number(row?.['rows'])
}

/** The closed lists as a temporary table, with the pseudonyms of this version as one list more. */
async function loadValues(connection: DuckDBConnection, values: ClosedValues): Promise<void> {
  await runSql(connection, 'making the closed lists', 'create temp table closed_values (list varchar, value varchar)')
  const appender = await connection.createAppender('closed_values')
  for (const [list, texts] of values) {
    for (const text of texts) {
      appender.appendVarchar(list)
      appender.appendVarchar(text)
      appender.endRow()
    }
  }
  appender.closeSync()
  const statements = [
    // Membership and not the pattern alone: anything can be written as 32 hexadecimal digits.
    `insert into closed_values select 'pseudonym', pseudonym from register.main.pseudonyms`,
    `create temp table known_numbers as
    with
    numbers as (
        select person_id, nhs_number from register.main.persons
        union
        select person_id, nhs_number from register.main.statutory_admissions
    )
    select pseudonyms.pseudonym, try_cast(numbers.nhs_number as double) as number
    from numbers
    left join register.main.pseudonyms as pseudonyms on pseudonyms.person_id = numbers.person_id
    where numbers.nhs_number is not null`,
  ]
  for (const sql of statements) await runSql(connection, 'loading the closed lists', sql)
}
