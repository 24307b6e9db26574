import { delimited, type TextFile } from '../write/textFile.ts'
import type { BadRow, FeedCounts } from './feedWriter.ts'

/** Values by heading; a heading that is not given stays empty. */
export type Values = Readonly<Record<string, string | null | undefined>>

/** What is done to a sound record to make it a bad one. */
export interface Damage {
  readonly code: string
  readonly column: string | null
  /** New values for a record of its own, of a person who is in no other record. */
  readonly values?: Values
  /** `double` writes the record twice; `extra_cell` gives it a cell too many. */
  readonly shape?: 'double' | 'extra_cell'
}

/** Counts lines and records of a delimited file while it is written. */
export interface DelimitedFile {
  record(values: Values): void
  bad(values: Values, damage: Damage): void
  counts(): FeedCounts
}

export function writeDelimited(
  file: TextFile,
  headings: readonly string[],
  delimiter: string,
  firstLine: number,
): DelimitedFile {
  let line = firstLine
  let accepted = 0
  let duplicates = 0
  const badRows: BadRow[] = []
  const put = (values: Values, extra: readonly string[] = []): number => {
    const text = delimited([...headings.map((heading) => values[heading] ?? ''), ...extra], delimiter)
    const at = line
    file.write(text)
    // A quoted cell may hold line breaks of its own.
    line += text.split('\n').length - 1
    return at
  }
  return {
    record(values) {
      accepted++
      put(values)
    },
    bad(values, { code, column, values: changes, shape }) {
      if (shape === 'double') {
        // The record itself was just written, sound.
        duplicates++
        badRows.push({ sheet: null, line: put(values), code, column })
        return
      }
      badRows.push({
        sheet: null,
        line: put({ ...values, ...changes }, shape === 'extra_cell' ? ['stray'] : []),
        code,
        column,
      })
    },
    counts() {
      const quarantined = badRows.length - duplicates
      return { read: accepted + badRows.length, accepted, quarantined, duplicates, badRows }
    },
  }
}
