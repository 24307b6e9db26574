import { indexSequences, type Match } from './findPhrases.ts'
import type { Part, Phrase, Sequence } from './phrases.ts'
import type { CueName, CueRow, Lexicon, LexiconRow, OutcomeRow, Reach } from './readLexicon.ts'
import { readTokens, type Token } from './readTokens.ts'

export interface Finding {
  readonly kind: LexiconRow['kind']
  readonly code: string
  /** Whether a strategy helped (list strategy_outcomes); null for a theme. */
  readonly outcome: string | null
  /** Where in the note the words stand that gave the code (UTF-16 offsets, end exclusive). */
  readonly from: number
  readonly to: number
  /** The row of the lexicon, for its tests and for whoever mends it; null where the weights alone gave the code. */
  readonly row: LexiconRow | null
}

/** What the lexicon made of a note, for whoever weighs it. */
export interface Reading {
  /** Words by sentence, those that a cue cancels after a `!`, and where the sentence stands in the note. */
  readonly sentences: readonly Sentence[]
  /** The first finding of each code. */
  readonly findings: readonly Finding[]
  /** What the note says of a strategy in that sentence (list strategy_outcomes). */
  readonly outcomeIn: (sentence: number) => string
}

export interface Sentence {
  readonly words: readonly string[]
  readonly from: number
  readonly to: number
}

export type Judge = (reading: Reading) => readonly Finding[]

export type Coder = (note: string) => readonly Finding[]

export interface CoderOptions {
  /** Every row that holds, not the first of each code: for the tests of the lexicon. */
  readonly everyRow?: boolean
  /** Decides which codes are given, of those that the lexicon finds and of others; without it, those of the lexicon. */
  readonly judge?: Judge
}

interface Cancelling {
  readonly cue: CueName
  /** Words of the cue itself, up to its first gap: a phrase that contains them says them itself and is not cancelled. */
  readonly own: Match
  readonly from: number
  readonly to: number
}

/**
 * Makes the function that finds themes and strategies in a note: each code once, in the order of the code lists. A code is
 * given where one of its phrases matches and no cue that cancels the phrase reaches it (domain.md 6a): denied, over and
 * done with, somebody else's, only feared or planned for.
 */
export function makeCoder(lexicon: Lexicon, { everyRow = false, judge }: CoderOptions = {}): Coder {
  const rows = lexicon.rows.filter((row) => !row.isMask).map(prepare)
  const masks = lexicon.rows.filter((row) => row.isMask).map(prepare)
  const cues = lexicon.cues.map(prepare)
  const outcomes = lexicon.outcomes.map(prepare)
  const owners = new Map<Sequence, Prepared<unknown>>()
  for (const owner of [...rows, ...masks, ...cues, ...outcomes])
    for (const sequence of owner.sequences) owners.set(sequence, owner)
  const findAll = indexSequences([...owners.keys()])
  return (note) => {
    const tokens = readTokens(note, lexicon.spellings)
    const matches = findAll(tokens)
    const active = new Set([...matches.keys()].map((sequence) => owners.get(sequence)))
    const find = (sequence: Sequence): readonly Match[] => matches.get(sequence) ?? []
    const found = <Row>(all: readonly Prepared<Row>[]): readonly Prepared<Row>[] => all.filter((one) => active.has(one))
    const cancellings = findCancellings(found(cues), tokens, find)
    const masked = findMasked(found(masks), find)
    const said = found(outcomes)
    const findings: Finding[] = []
    const given = new Set<string>()
    for (const { row, alternatives } of found(rows)) {
      if (given.has(row.code) && !everyRow) continue
      const isMasked = (match: Match): boolean => match.some((at) => masked.get(row.code)?.has(at))
      const holds = (match: Match): boolean => !isMasked(match) && !isCancelled(match, row, cancellings)
      const match = findPhrase(alternatives, tokens, find, holds)
      if (!match) continue
      const outcome = row.kind === 'strategy' ? outcomeOf(match, said, tokens, find) : null
      const from = tokens[Math.min(...match)]?.from ?? 0
      const to = tokens[Math.max(...match)]?.to ?? 0
      findings.push({ kind: row.kind, code: row.code, outcome, from, to, row })
      given.add(row.code)
    }
    if (!judge) return findings
    const outcomeIn = (sentence: number): string =>
      outcomeOf([tokens.findLastIndex((token) => token.sentence === sentence)], said, tokens, find)
    return judge({ sentences: readSentences(tokens, cancellings), findings, outcomeIn })
  }
}

function readSentences(tokens: readonly Token[], cancellings: readonly Cancelling[]): readonly Sentence[] {
  const cancelled = new Set<number>()
  for (const { own, from, to } of cancellings)
    for (let at = from; at < to; at++) if (!own.includes(at)) cancelled.add(at)
  const sentences: { words: string[]; from: number; to: number }[] = []
  tokens.forEach(({ word, sentence, from, to }, at) => {
    const known = (sentences[sentence] ??= { words: [], from, to })
    known.words.push(cancelled.has(at) ? `!${word}` : word)
    known.to = to
  })
  // A stop after a stop counts a sentence without a word.
  return Array.from(sentences, (sentence) => sentence ?? { words: [], from: 0, to: 0 })
}

/** A row of the lexicon, taken apart once and not for every note. */
interface Prepared<Row> {
  readonly row: Row
  readonly sequences: readonly Sequence[]
  /** Of each alternative, groups that must all hold; the sequences of a group must hold in one sentence. */
  readonly alternatives: readonly (readonly (readonly Sequence[])[])[]
}

function prepare<Row extends { readonly phrase: Phrase }>(row: Row): Prepared<Row> {
  const alternatives = row.phrase.alternatives.map(togetherInSentence)
  return { row, alternatives, sequences: alternatives.flat(2) }
}

function togetherInSentence(parts: readonly Part[]): readonly (readonly Sequence[])[] {
  const groups: Sequence[][] = []
  for (const { sequence, isInSameSentence } of parts) {
    if (isInSameSentence) groups.at(-1)?.push(sequence)
    else groups.push([sequence])
  }
  return groups
}

type Find = (sequence: Sequence) => readonly Match[]
type Holds = (match: Match) => boolean

/** The words of the first group of an alternative all of whose groups hold; null if there is none. */
function findPhrase(
  alternatives: Prepared<unknown>['alternatives'],
  tokens: readonly Token[],
  find: Find,
  holds: Holds,
): Match | null {
  for (const groups of alternatives) {
    const matches = groups.map((group) => findTogether(group, tokens, find, holds))
    if (matches.every((match) => match !== null)) return matches[0] ?? null
  }
  return null
}

/** One match of each sequence of the group, all in one sentence, that hold together: a "not" in one part is of them all. */
function findTogether(group: readonly Sequence[], tokens: readonly Token[], find: Find, holds: Holds): Match | null {
  const sentenceOf = (match: Match): number => tokens[match[0] ?? 0]?.sentence ?? -1
  const join = (parts: readonly Match[], rest: readonly Sequence[]): Match | null => {
    const [next, ...others] = rest
    if (next === undefined) {
      const all = parts.flat()
      return holds(all) ? all : null
    }
    for (const match of find(next)) {
      if (parts[0] !== undefined && sentenceOf(parts[0]) !== sentenceOf(match)) continue
      const joined = join([...parts, match], others)
      if (joined) return joined
    }
    return null
  }
  return join([], group)
}

function findMasked(
  masks: readonly Prepared<LexiconRow>[],
  find: (sequence: Sequence) => readonly Match[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const masked = new Map<string, Set<number>>()
  for (const { row, sequences } of masks) {
    const places = masked.get(row.code) ?? new Set()
    for (const at of sequences.flatMap(find).flat()) places.add(at)
    masked.set(row.code, places)
  }
  return masked
}

function isCancelled(match: Match, row: LexiconRow, cancellings: readonly Cancelling[]): boolean {
  return cancellings.some(
    ({ cue, own, from, to }) =>
      row.cancelledBy.includes(cue) &&
      match.some((at) => at >= from && at < to) &&
      !own.every((at) => match.includes(at)),
  )
}

function findCancellings(
  cues: readonly Prepared<CueRow>[],
  tokens: readonly Token[],
  find: (sequence: Sequence) => readonly Match[],
): readonly Cancelling[] {
  const isEnd = ({ row }: Prepared<CueRow>): boolean => row.cue === 'end'
  const ends = new Set(
    cues.filter(isEnd).flatMap(({ sequences }) => sequences.flatMap(find).map((match) => match[0] ?? 0)),
  )
  return cues.flatMap(({ row: { cue, reach }, sequences }) => {
    if (cue === 'end') return []
    return sequences
      .flatMap(find)
      .map((match) => ({ cue, own: leadingRun(match), ...stretchOf(match, reach, tokens, ends) }))
  })
}

function leadingRun(match: Match): Match {
  const gap = match.findIndex((at, index) => index > 0 && at !== (match[index - 1] ?? 0) + 1)
  return gap < 0 ? match : match.slice(0, gap)
}

/** Tokens that a cue reaches, end exclusive. */
function stretchOf(
  own: Match,
  reach: Reach,
  tokens: readonly Token[],
  ends: ReadonlySet<number>,
): { readonly from: number; readonly to: number } {
  const first = own[0] ?? 0
  const last = own.at(-1) ?? 0
  const within = reach === 'list' || reach === 'sentence' ? 'sentence' : 'clause'
  const isInside = (at: number): boolean => tokens[at]?.[within] === tokens[first]?.[within]
  const before = (tokens[first]?.clause ?? 0) - 1
  let from = first
  let to = last + 1
  if (reach !== 'back') while (isInside(to) && !ends.has(to)) to++
  if (reach !== 'forward' && reach !== 'list') while (isInside(from - 1) && !ends.has(from)) from--
  const isFirst = tokens[from - 1]?.clause !== tokens[first]?.clause
  if (reach === 'back' && isFirst && tokens[first]?.isAfterColon)
    while (tokens[from - 1]?.sentence === tokens[first]?.sentence && tokens[from - 1]?.clause === before) from--
  return { from, to }
}

/** What the note says of a strategy nearest to it: in its sentence or the next, else anywhere; else unknown. */
function outcomeOf(
  match: Match,
  outcomes: readonly Prepared<OutcomeRow>[],
  tokens: readonly Token[],
  find: (sequence: Sequence) => readonly Match[],
): string {
  const place = match.at(-1) ?? 0
  const sentence = tokens[place]?.sentence ?? 0
  const said = outcomes.flatMap(({ row: { outcome }, sequences }) =>
    sequences.flatMap(find).map((found) => {
      const at = found[0] ?? 0
      const away = (tokens[at]?.sentence ?? 0) - sentence
      const isNear = away === 0 || away === 1
      return { outcome, distance: Math.abs(at - place) + (isNear ? 0 : tokens.length) }
    }),
  )
  const [nearest] = said.toSorted((one, other) => one.distance - other.distance)
  return nearest?.outcome ?? 'unknown'
}
