import { stringify } from 'yaml'
import type { PseudonymisedColumn, PseudonymisedTable } from '../pseudonymisedColumns.ts'

export type SourceName = 'register' | 'reference'

export const generatedNote = 'Generated from register/dictionary: change that, then run make generate.'

/** The SQL and YAML of one staging model, by path: a view with the source's columns, named one by one. */
export function stagingModel(source: SourceName, table: PseudonymisedTable): ReadonlyMap<string, string> {
  const stem = `transform/models/staging/stg_${source}__${table.name}`
  return new Map([
    [`${stem}.sql`, modelSql(source, table)],
    [`${stem}.yml`, modelYaml(source, table)],
  ])
}

function modelSql(source: SourceName, table: PseudonymisedTable): string {
  const columns = table.columns.map((column) => `    ${column.name},`).join('\n')
  return `-- One row per ${table.grain}. ${generatedNote}
select
${columns.slice(0, -1)}
from {{ source('${source}', '${table.name}') }}
`
}

function modelYaml(source: SourceName, table: PseudonymisedTable): string {
  const [key, ...others] = table.key
  const single = others.length === 0
  const model = {
    name: `stg_${source}__${table.name}`,
    description: `One row per ${table.grain}.`,
    config: { materialized: 'view', contract: { enforced: true } },
    ...(single ? {} : { data_tests: [{ unique: { arguments: { column_name: together(table.key) } } }] }),
    columns: table.columns.map((column) => ({
      ...describe(column),
      ...((single && column.name === key) || column.name === 'row_id' ? { data_tests: ['unique', 'not_null'] } : {}),
      ...(!single && table.key.includes(column.name) ? { data_tests: ['not_null'] } : {}),
    })),
  }
  return yaml({ version: 2, models: [model] })
}

/** dbt's own `unique` takes an expression: no package and no test of our own is needed for a key of several columns. */
function together(key: readonly string[]): string {
  return key.map((name) => `cast(${name} as varchar)`).join(` || '|' || `)
}

function describe(column: PseudonymisedColumn): Readonly<Record<string, string>> {
  const codes = column.list === null ? '' : ` Code list: ${column.list.replaceAll('|', ' or ')}.`
  return { name: column.name, data_type: column.type, description: `${column.meaning}${codes}` }
}

/** `_sources.yml`: both schemas of the warehouse that dbt reads, every table and column with its meaning and class. */
export function sourcesYaml(register: readonly PseudonymisedTable[], reference: readonly PseudonymisedTable[]): string {
  const source = (name: SourceName, description: string, tables: readonly PseudonymisedTable[]): object => ({
    name,
    database: 'warehouse',
    schema: name,
    description,
    tables: tables.map((table) => ({
      name: table.name,
      description: `One row per ${table.grain}.`,
      columns: table.columns.map((column) => ({ ...describe(column), config: { meta: { class: column.class } } })),
    })),
  })
  return yaml({
    version: 2,
    sources: [
      source('register', 'The register without identifiers and without free text, written by pseudonymise.', register),
      source('reference', 'Settings, code lists, organisations and populations, written by transform.', reference),
    ],
  })
}

function yaml(content: object): string {
  const text = stringify(content, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })
  return `# ${generatedNote}\n${text}`
}
