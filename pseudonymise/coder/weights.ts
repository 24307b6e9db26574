import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../register/projectRoot.ts'
import { parseCsv } from '../../register/readCodes.ts'
import type { Finding, Judge, Sentence } from './makeCoder.ts'

/** What a word, its beginning or two words in a row say for and against codes. */
interface Feature {
  /** Places of the codes in `Weights.judged`. */
  readonly codes: readonly number[]
  readonly weights: readonly number[]
}

/** How a code is judged: it is given when the sum is above 0. */
interface Judged {
  readonly code: string
  readonly start: number
  /** Of the note's score, of its best sentence's, of the lead over the other codes of the kind. */
  readonly note: number
  readonly best: number
  readonly lead: number
  /** Where the lexicon found the code: at once, and of the note's score besides. */
  readonly hit: number
  readonly hitNote: number
}

export interface Weights {
  readonly features: ReadonlyMap<string, Feature>
  readonly judged: readonly Judged[]
}

const folder = join(projectRoot, 'pseudonymise/coder/weights')

/** Reads what `tests/bench/themes/learn.py` learnt: `codes.csv`, and `features.csv` with tenths after each code's letter. */
export function readWeights(): Weights {
  const table = (name: string): readonly (readonly string[])[] =>
    parseCsv(readFileSync(join(folder, `${name}.csv`), 'utf8')).slice(1)
  const codes = table('codes')
  const judged = codes.map(([code = '', , ...numbers]) => {
    const [start = 0, note = 0, best = 0, lead = 0, hit = 0, hitNote = 0] = numbers.map(Number)
    return { code, start, note, best, lead, hit, hitNote }
  })
  const places = new Map(codes.map(([, letter = ''], place) => [letter, place]))
  const features = new Map(
    table('features').map(([name = '', list = '']) => {
      const pairs = [...list.matchAll(/(?<letter>[A-Za-z])(?<tenths>-?\d+)/g)].map(({ groups }) => groups ?? {})
      const codesOf = pairs.map(({ letter = '' }) => places.get(letter) ?? 0)
      return [name, { codes: codesOf, weights: pairs.map(({ tenths }) => Number(tenths) / 10) }] as const
    }),
  )
  return { features, judged }
}

const stemLength = 5

/** The weights were learnt on notes of 17 to 72 words; a shorter entry ("PBS plan and respite") is the lexicon's alone. */
const fewestWords = 10

/** The words of a sentence, the beginnings of long ones (`stemm~`), and each two in a row. */
function* featuresOf(words: readonly string[]): Generator<string> {
  for (const [at, word] of words.entries()) {
    yield word
    const isCancelled = word.startsWith('!')
    const length = stemLength + (isCancelled ? 1 : 0)
    if (word.length > length) yield `${word.slice(0, length)}~`
    const next = words[at + 1]
    if (next !== undefined) yield `${word} ${next}`
  }
}

/**
 * Makes the judge that weighs every word of the note beside what the lexicon found: a linear score of the note and of its
 * best sentence for each code, each the sum of the weights of what stands in it over the square root of its length.
 */
export function makeJudge({ features, judged }: Weights): Judge {
  return ({ sentences, findings, outcomeIn }) => {
    if (sentences.reduce((sum, { words }) => sum + words.length, 0) < fewestWords) return findings
    const { note, best, place } = score(sentences, features, judged)
    const top = { T: topTwo(note, judged, 'T'), P: topTwo(note, judged, 'P') }
    const found = new Map(findings.map((finding) => [finding.code, finding]))
    return judged.flatMap(({ code, ...by }, at): readonly Finding[] => {
      const known = found.get(code)
      const kind = code.startsWith('T') ? 'theme' : 'strategy'
      const [first, second] = top[kind === 'theme' ? 'T' : 'P']
      const own = note[at] ?? 0
      const lead = own - (own === first ? second : first)
      const sum = by.start + by.note * own + by.best * (best[at] ?? 0) + by.lead * lead
      if (sum + (known ? by.hit + by.hitNote * own : 0) <= 0) return []
      if (known) return [known]
      const sentence = place[at] ?? 0
      const { from, to } = sentences[sentence] ?? { from: 0, to: 0 }
      return [{ kind, code, outcome: kind === 'strategy' ? outcomeIn(sentence) : null, from, to, row: null }]
    })
  }
}

function score(
  sentences: readonly Sentence[],
  features: Weights['features'],
  judged: readonly Judged[],
): { readonly note: Float64Array; readonly best: Float64Array; readonly place: Int32Array } {
  const note = new Float64Array(judged.length)
  const best = new Float64Array(judged.length).fill(sentences.length > 0 ? -Infinity : 0)
  const place = new Int32Array(judged.length)
  const inNote = new Set<Feature>()
  let length = 0
  sentences.forEach(({ words }, sentence) => {
    if (words.length === 0) return
    const sums = new Float64Array(judged.length)
    const inSentence = new Set<Feature>()
    for (const name of featuresOf(words)) {
      const feature = features.get(name)
      if (!feature || inSentence.has(feature)) continue
      inSentence.add(feature)
      add(sums, feature)
      if (!inNote.has(feature)) add(note, feature)
      inNote.add(feature)
    }
    length += words.length
    for (let at = 0; at < sums.length; at++) {
      const own = (sums[at] ?? 0) / Math.sqrt(words.length)
      if (own <= (best[at] ?? 0)) continue
      best[at] = own
      place[at] = sentence
    }
  })
  for (let at = 0; at < note.length; at++) note[at] = (note[at] ?? 0) / Math.sqrt(Math.max(length, 1))
  return { note, best, place }
}

function add(sums: Float64Array, { codes, weights }: Feature): void {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    sums[code] = (sums[code] ?? 0) + (weights[at] ?? 0)
  }
}

/** The highest note's score among the codes of a kind, and the next. */
function topTwo(note: Float64Array, judged: readonly Judged[], letter: string): readonly [number, number] {
  let [first, second] = [-Infinity, -Infinity]
  judged.forEach(({ code }, at) => {
    const own = note[at] ?? 0
    if (!code.startsWith(letter)) return
    if (own > first) [first, second] = [own, first]
    else if (own > second) second = own
  })
  return [first, second]
}
