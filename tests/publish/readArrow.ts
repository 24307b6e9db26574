import { tableFromIPC } from 'apache-arrow'

export interface ArrowRow {
  /** Every text column by name, `state` too. */
  readonly texts: Readonly<Record<string, string>>
  readonly value: number | null
  /** What lies in the buffer at this place, null or not. */
  readonly stored: number
}

/** The rows of a cube's Arrow file as anybody's reader would see them. */
export function readArrow(bytes: Uint8Array): readonly ArrowRow[] {
  const table = tableFromIPC(bytes)
  const names = table.schema.fields.map((field) => field.name).filter((name) => name !== 'value')
  const values = table.getChild('value')
  const buffer = values?.data[0]?.values as Int32Array
  return Array.from({ length: table.numRows }, (_, at) => ({
    texts: Object.fromEntries(names.map((name) => [name, String(table.getChild(name)?.get(at))])),
    value: values?.get(at) as number | null,
    stored: buffer[at] ?? Number.NaN,
  }))
}
