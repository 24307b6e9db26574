// The labelled notes and how a coder is measured on them: micro and macro F1 over pairs of note and code.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const learning = join(here, 'learning')
const fixtures = join(here, '../../fixtures/notes')

/** @param part train, test, or learning: those of the folder beside this file */
export function readNotes(part) {
  const files =
    part === 'learning'
      ? readdirSync(learning)
          .filter((name) => name.endsWith('.jsonl'))
          .map((name) => join(learning, name))
      : [join(fixtures, `${part}.jsonl`)]
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
}

const ratio = (part, whole) => (whole === 0 ? 0 : part / whole)

/** Precision, recall and F1 of counted hits. */
export function rates({ hits, extra, missed }) {
  return {
    precision: ratio(hits, hits + extra),
    recall: ratio(hits, hits + missed),
    f1: ratio(2 * hits, 2 * hits + extra + missed),
  }
}

/**
 * Compares sets of codes note by note.
 * @param given list of sets of codes, one for each note, in the order of `labels`
 * @param labels the sets that are right
 */
export function score(given, labels, codes) {
  const byCode = new Map(codes.map((code) => [code, { hits: 0, extra: 0, missed: 0 }]))
  const micro = { hits: 0, extra: 0, missed: 0 }
  let exact = 0
  given.forEach((found, index) => {
    const right = labels[index]
    for (const code of codes) {
      const kind = found.has(code) ? (right.has(code) ? 'hits' : 'extra') : right.has(code) ? 'missed' : null
      if (kind === null) continue
      byCode.get(code)[kind]++
      micro[kind]++
    }
    if (codes.every((code) => found.has(code) === right.has(code))) exact++
  })
  const macro = codes.reduce((sum, code) => sum + rates(byCode.get(code)).f1, 0) / codes.length
  return { byCode, micro: { ...micro, ...rates(micro) }, macro, exact, notes: given.length }
}

/** Traps by kind: how many were set, and how many of their codes were given. */
export function countTraps(given, notes) {
  const traps = new Map()
  notes.forEach((note, index) => {
    for (const { kind, code } of note.traps) {
      const known = traps.get(kind) ?? { set: 0, taken: 0 }
      traps.set(kind, { set: known.set + 1, taken: known.taken + (given[index].has(code) ? 1 : 0) })
    }
  })
  return traps
}

export const codesOf = (letter, count) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)
