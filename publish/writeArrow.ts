import { Dictionary, Field, Int32, Schema, Table, tableToIPC, Utf8, vectorFromArray, type Vector } from 'apache-arrow'
import type { CubeRow } from './readCube.ts'

/**
 * Arrow IPC file of a cube: each dimension and `state` as dictionary-encoded utf8, `value` as Int32 where null means "not
 * shown". The same rows give the same bytes: dictionary ids are fixed here, because the library counts them per process.
 */
export function writeArrow(columns: readonly string[], rows: readonly CubeRow[]): Buffer {
  const vectors: [string, Vector][] = columns.map((column, index) => [
    column,
    texts(
      rows.map((row) => row.texts[index] ?? ''),
      index,
    ),
  ])
  vectors.push([
    'value',
    vectorFromArray(
      rows.map((row) => row.value),
      new Int32(),
    ),
  ])
  vectors.push([
    'state',
    texts(
      rows.map((row) => row.state),
      columns.length,
    ),
  ])
  const schema = new Schema(vectors.map(([name, vector]) => new Field(name, vector.type, name === 'value')))
  return Buffer.from(tableToIPC(new Table(schema, Object.fromEntries(vectors)), 'file'))
}

function texts(values: readonly string[], id: number): Vector {
  return vectorFromArray(values, new Dictionary(new Utf8(), new Int32(), id, false))
}
