import { isFirm, type Item, type Sequence } from './phrases.ts'
import type { Token } from './readTokens.ts'

/** Places in the note of the words that a sequence matched; words in a gap are not among them. */
export type Match = readonly number[]

const numberWord =
  /^(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozen|several|couple|few|both)$/

/** What is known of a word wherever it stands: looked up once and kept. Items and sequences go by their numbers. */
interface KnownWord {
  /** Items that hold of it. */
  readonly items: ReadonlySet<number>
  /** Sequences that can hold only where one of a few words is, and this is one of them. */
  readonly rare: readonly number[]
  /** Sequences that can begin with it. */
  readonly first: readonly number[]
}

/** A sequence with its plain items by number. */
type Step =
  | { readonly kind: 'item'; readonly item: number }
  | { readonly kind: 'gap'; readonly most: number }
  | { readonly kind: 'choice'; readonly options: readonly (readonly Step[])[]; readonly isOptional: boolean }

/** Notes repeat their words; a list of all words ever seen would grow with the register. */
const mostKnownWords = 50_000

/**
 * Makes the function that finds every match of every sequence in a note. Time grows with the note and hardly with the
 * sequences: only those are tried all whose words the note has, and only where their first word stands.
 */
export function indexSequences(
  sequences: readonly Sequence[],
): (tokens: readonly Token[]) => ReadonlyMap<Sequence, readonly Match[]> {
  const items = numberItems(sequences)
  const wordOf = indexWords(sequences, items)
  const steps = sequences.map((sequence) => stepsOf(sequence, items))
  // The number of the note in which an item or a possible sequence was last seen: nothing has to be emptied between notes.
  const seenItem = new Int32Array(items.size)
  const seenSequence = new Int32Array(sequences.length)
  let note = 0
  const canHold = (list: readonly Step[]): boolean =>
    list.every((step) => {
      if (step.kind === 'item') return seenItem[step.item] === note
      return step.kind === 'gap' || step.isOptional || step.options.some(canHold)
    })
  return (tokens) => {
    note++
    const words = tokens.map(({ word }) => wordOf(word))
    for (const word of words) for (const item of word.items) seenItem[item] = note
    for (const { rare } of words)
      for (const sequence of rare) if (canHold(steps[sequence] ?? [])) seenSequence[sequence] = note
    const found = new Map<Sequence, Match[]>()
    for (let start = 0; start < words.length; start++) {
      for (const number of words[start]?.first ?? []) {
        if (seenSequence[number] !== note) continue
        const match = matchAt(steps[number] ?? [], tokens, words, start)
        const sequence = sequences[number]
        if (match === null || sequence === undefined) continue
        const known = found.get(sequence)
        if (known) known.push(match)
        else found.set(sequence, [match])
      }
    }
    return found
  }
}

/** The first match that begins at `start`, all in one sentence; null if there is none. */
function matchAt(
  sequence: readonly Step[],
  tokens: readonly Token[],
  words: readonly KnownWord[],
  start: number,
): Match | null {
  const sentence = tokens[start]?.sentence
  const found: number[] = []
  const match = (
    steps: readonly Step[],
    index: number,
    position: number,
    then: (position: number) => boolean,
  ): boolean => {
    const step = steps[index]
    if (step === undefined) return then(position)
    if (step.kind === 'gap') {
      for (let at = position; at <= position + step.most; at++) {
        if (match(steps, index + 1, at, then)) return true
        if (tokens[at]?.sentence !== sentence) return false
      }
      return false
    }
    if (step.kind === 'choice') {
      for (const option of step.options) {
        if (match(option, 0, position, (next) => match(steps, index + 1, next, then))) return true
      }
      return step.isOptional && match(steps, index + 1, position, then)
    }
    if (tokens[position]?.sentence !== sentence || !words[position]?.items.has(step.item)) return false
    found.push(position)
    if (match(steps, index + 1, position + 1, then)) return true
    found.pop()
    return false
  }
  return match(sequence, 0, start, () => true) ? found : null
}

type Plain = Exclude<Item, { kind: 'gap' | 'choice' }>

function isPlain(item: Item): item is Plain {
  return item.kind === 'words' || item.kind === 'number'
}

function keysOf(item: Plain): readonly string[] {
  if (item.kind === 'number') return ['#']
  return [...item.exact, ...[...item.stems].map((stem) => `${stem}*`)]
}

/** Items that hold of the same words have one number. */
function numberItems(sequences: readonly Sequence[]): ReadonlyMap<string, number> {
  const names = new Set(sequences.flatMap(plainItems).map(nameOf))
  return new Map([...names].map((name, index) => [name, index]))
}

const itemNames = new WeakMap<Plain, string>()

function nameOf(item: Plain): string {
  const known = itemNames.get(item)
  if (known !== undefined) return known
  const name = keysOf(item).toSorted().join('|')
  itemNames.set(item, name)
  return name
}

function stepsOf(sequence: Sequence, items: ReadonlyMap<string, number>): readonly Step[] {
  return sequence.map((item): Step => {
    if (item.kind === 'gap') return item
    if (item.kind === 'choice') return { ...item, options: item.options.map((option) => stepsOf(option, items)) }
    return { kind: 'item', item: items.get(nameOf(item)) ?? -1 }
  })
}

/** Makes the look-up of a word. A word is looked for as itself, by each of its beginnings, and as a number. */
function indexWords(sequences: readonly Sequence[], items: ReadonlyMap<string, number>): (word: string) => KnownWord {
  const times = new Map<string, number>()
  for (const key of sequences.flatMap(plainItems).flatMap(keysOf)) times.set(key, (times.get(key) ?? 0) + 1)
  const byItem = new Map<string, number[]>()
  const byRarest = new Map<string, number[]>()
  const byFirst = new Map<string, number[]>()
  sequences.forEach((sequence, number) => {
    for (const item of plainItems(sequence))
      for (const key of keysOf(item)) add(byItem, key, items.get(nameOf(item)) ?? -1)
    for (const key of rarestKeys(sequence, times)) add(byRarest, key, number)
    for (const key of firstItems(sequence).flatMap(keysOf)) add(byFirst, key, number)
  })
  const known = new Map<string, KnownWord>()
  return (word) => {
    const before = known.get(word)
    if (before) return before
    const keys = [word, ...(numberWord.test(word) ? ['#'] : [])]
    for (let length = 1; length <= word.length; length++) keys.push(`${word.slice(0, length)}*`)
    const all = (index: ReadonlyMap<string, readonly number[]>): ReadonlySet<number> =>
      new Set(keys.flatMap((key) => index.get(key) ?? []))
    const now = { items: all(byItem), rare: [...all(byRarest)], first: [...all(byFirst)] }
    if (known.size >= mostKnownWords) known.clear()
    known.set(word, now)
    return now
  }
}

function plainItems(sequence: Sequence): readonly Plain[] {
  return sequence.flatMap((item) => {
    if (item.kind === 'choice') return item.options.flatMap(plainItems)
    return isPlain(item) ? [item] : []
  })
}

/** Keys of which a note must have at least one, or the sequence cannot match: of its items the one least in use. */
function rarestKeys(sequence: Sequence, times: ReadonlyMap<string, number>): readonly string[] {
  const weight = (keys: readonly string[]): number => keys.reduce((sum, key) => sum + (times.get(key) ?? 0), 0)
  const candidates = sequence.filter(isFirm).map((item) => {
    if (item.kind === 'choice') return item.options.flatMap((option) => rarestKeys(option, times))
    return isPlain(item) ? keysOf(item) : []
  })
  return candidates.reduce((best, keys) => (weight(keys) < weight(best) ? keys : best), candidates[0] ?? [])
}

/** Items that a match can begin with. */
function firstItems(sequence: Sequence): readonly Plain[] {
  const firm = sequence.findIndex(isFirm)
  return sequence.slice(0, firm + 1).flatMap((item) => {
    if (item.kind === 'choice') return item.options.flatMap(firstItems)
    return isPlain(item) ? [item] : []
  })
}

function add(index: Map<string, number[]>, key: string, value: number): void {
  const known = index.get(key)
  if (known) known.push(value)
  else index.set(key, [value])
}
