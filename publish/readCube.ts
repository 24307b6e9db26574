import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'
import { cellStates, type Cell, type CellState } from '../register/release.ts'
import { quoteName } from '../store/openDuckDB.ts'
import type { Cube } from './cubes.ts'

/** One cell with its dimensions as texts, in the order of the cube's dimensions. */
export interface CubeRow extends Cell {
  readonly texts: readonly string[]
}

export type Labels = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The disclosure rule shows multiples of this and nothing below it (domain.md 4.4). */
const base = 5

/**
 * Reads one published model in the cube's total order and refuses to go on (kind `leak`) when a text is not of its closed
 * list, when a cell's value and state disagree, or when a shown value could not have come from the rule.
 * @param labels code lists by name: what a text may be.
 */
export async function readCube(connection: DuckDBConnection, cube: Cube, labels: Labels): Promise<readonly CubeRow[]> {
  const columns = cube.dimensions.map(({ column, list }) =>
    list === null ? `strftime(${quoteName(column)}, '%Y-%m-%d') as ${quoteName(column)}` : quoteName(column),
  )
  const order = cube.dimensions.map(({ column }) => quoteName(column)).join(', ')
  const reader = await connection.runAndReadAll(
    `select ${columns.join(', ')}, cast(value as integer) as value, state
     from warehouse.published.${quoteName(cube.model)} order by ${order}`,
  )
  const rows = reader.getRows().map((row) => toRow(cube, labels, row))
  const keys = new Set(rows.map((row) => row.texts.join('\u0000')))
  if (keys.size !== rows.length) throw refused(cube, 'holds a cell twice')
  return rows
}

function toRow(cube: Cube, labels: Labels, row: readonly unknown[]): CubeRow {
  const texts = cube.dimensions.map((dimension, index) => {
    const text = row[index]
    const isKnown =
      typeof text === 'string' &&
      (dimension.list === null ? /^\d{4}-\d{2}-01$/.test(text) : Object.hasOwn(labels[dimension.list] ?? {}, text))
    if (!isKnown) throw refused(cube, `holds a text in ${dimension.column} that is not of its list`)
    return text
  })
  const value = row[cube.dimensions.length]
  const state = row[cube.dimensions.length + 1]
  if (!isState(state)) throw refused(cube, 'holds a state that is not one of the four')
  if (state === 'shown') {
    if (typeof value !== 'number' || value < base || value % base !== 0) {
      throw refused(cube, 'shows a number that the disclosure rule cannot give')
    }
    return { texts, value, state }
  }
  if (value !== null) throw refused(cube, 'holds a number behind a cell that is not shown')
  return { texts, value: null, state }
}

function isState(state: unknown): state is CellState {
  return (cellStates as readonly unknown[]).includes(state)
}

function refused(cube: Cube, why: string): DsrError {
  return new DsrError(
    'leak',
    `published.${cube.model} ${why}; nothing was released.`,
    `Put transform/models/published/${cube.model}.sql or its code lists right, then run: dsr run`,
  )
}
