import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './projectRoot.ts'
import { parseCsv } from './readCodes.ts'

/** How the theme coder did on labelled notes that it was not made from, for one code or for all of a kind. */
export interface CoderQuality {
  /** T01 … P18, or `themes` and `strategies` for all of them (micro). */
  readonly code: string
  /** Notes that have the code. */
  readonly notes: number
  /** Of the notes given the code, the share that have it; null when none was given it. */
  readonly precision: number | null
  /** Of the notes that have the code, the share that were given it. */
  readonly recall: number | null
}

/** Reads coder_quality.csv, which tests/bench/themes/score.mjs writes (statistics.md, themes). */
export function readCoderQuality(file: string = join(projectRoot, 'register/coder_quality.csv')): CoderQuality[] {
  const [, ...rows] = parseCsv(readFileSync(file, 'utf8'))
  return rows.map(([code = '', ...counts]) => {
    const [hits = 0, extra = 0, missed = 0] = counts.map(Number)
    const share = (whole: number): number | null => (whole === 0 ? null : Math.round((100 * hits) / whole) / 100)
    return { code, notes: hits + missed, precision: share(hits + extra), recall: share(hits + missed) }
  })
}
