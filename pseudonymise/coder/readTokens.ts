/** A word of a note as the coder compares it, and where it stands in the note (UTF-16 offsets, end exclusive). */
export interface Token {
  readonly word: string
  readonly sentence: number
  readonly clause: number
  /** Its clause follows a colon or a dash: "Self-harm: nil". */
  readonly isAfterColon: boolean
  readonly from: number
  readonly to: number
}

/** Misspellings and abbreviations, each with the words it stands for. A key with a capital counts only as written. */
export type Spellings = ReadonlyMap<string, readonly string[]>

const piece =
  /(?<emergency>\ba ?& ?e\b)|(?<without>\bw\/(?:out\b|o\b)?)|(?<duration>\d+\/(?:7|52|12)(?![\d/]))|(?<word>\d+(?:[.,]\d+)+|[\p{L}\p{N}]+(?:'\p{L}+)*)|(?<stop>[.!?;\n]+)|(?<comma>,|:(?!\d)|[–—()]| - )|(?<and>[&+])|(?<at>@)/giu

/** What health staff write for 3 days, 3 weeks, 3 months. */
const units: Readonly<Record<string, string>> = { '7': 'days', '52': 'weeks', '12': 'months' }

/** Words that end with a stop and do not end a sentence. */
const shortened = /^(?:dr|mr|mrs|ms|st|approx|eg|ie|vs|etc|re)$/

/**
 * Reads the words of a note: lower case, without accents and apostrophes ("isn't" is isnt), hyphens and slashes apart,
 * misspellings put right. Sentences end at . ! ? ; and line ends, clauses also at , : dashes and brackets.
 */
export function readTokens(text: string, spellings: Spellings): readonly Token[] {
  const tokens: Token[] = []
  let sentence = 0
  let clause = 0
  let isAfterColon = false
  const push = (word: string, from: number, to: number): void =>
    void tokens.push({ word, sentence, clause, isAfterColon, from, to })
  for (const match of text.replaceAll(/[’‘`]/g, "'").matchAll(piece)) {
    const from = match.index
    const to = from + match[0].length
    const { emergency, without, word, duration, stop, comma, and, at } = match.groups ?? {}
    if (word) {
      for (const part of correct(word, spellings)) push(part, from, to)
    } else if (emergency) push('ae', from, to)
    else if (without) push(without.length > 2 ? 'without' : 'with', from, to)
    else if (duration) {
      const [count = '', unit = ''] = duration.split('/')
      push(count, from, to)
      push(units[unit] ?? '', from, to)
    } else if (stop) {
      const last = tokens.at(-1)
      if (stop === '.' && last?.to === from && shortened.test(last.word)) continue
      if (stop !== '...') sentence++
      clause++
      isAfterColon = false
    } else if (comma) {
      clause++
      isAfterColon = comma !== ','
    }
    if (and) push('and', from, to)
    else if (at) push('at', from, to)
  }
  return tokens
}

function correct(written: string, spellings: Spellings): readonly string[] {
  const bare = written.replaceAll("'", '').normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const word = bare.toLowerCase()
  return spellings.get(bare) ?? spellings.get(word) ?? [word]
}
