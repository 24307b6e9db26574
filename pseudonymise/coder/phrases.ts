import type { Spellings } from './readTokens.ts'

/** Word classes that phrases name in braces: `{he}` is he, she, they, … */
export type Classes = ReadonlyMap<string, string>

/** One word of the note, of these or beginning with one of these. */
export interface Words {
  readonly kind: 'words'
  readonly exact: ReadonlySet<string>
  readonly stems: ReadonlySet<string>
}

export type Item =
  | Words
  | { readonly kind: 'number' }
  | { readonly kind: 'gap'; readonly most: number }
  | { readonly kind: 'choice'; readonly options: readonly Sequence[]; readonly isOptional: boolean }

export type Sequence = readonly Item[]

/** Alternatives, each of parts that must all hold. */
export interface Phrase {
  readonly alternatives: readonly (readonly Part[])[]
}

export interface Part {
  readonly sequence: Sequence
  /** Whether it must stand in the same sentence as the part before it; else anywhere in the note. */
  readonly isInSameSentence: boolean
}

const gaps: Readonly<Record<string, number>> = { '..': 3, '...': 7 }

/**
 * Reads a phrase of the lexicon: words; `stem*`; `(a|b c)` alternatives, `(…)?` optional; `..` up to 3 words and `...` up
 * to 7 words between; `#` a number; `{class}` a word class; `|` whole alternatives; ` + ` both in one sentence, ` & ` both
 * in the note.
 * @throws Error that quotes the phrase, for brackets that do not close or a class that does not exist
 */
export function readPhrase(text: string, classes: Classes, spellings: Spellings = new Map()): Phrase {
  const alternatives = splitOutside(text, '|').map((alternative) =>
    splitOutside(alternative, '&').flatMap((anywhere) =>
      splitOutside(anywhere, '+').map((part, index) => ({
        sequence: readSequence(part, { classes, spellings, whole: text }),
        isInSameSentence: index > 0,
      })),
    ),
  )
  return { alternatives }
}

interface Reading {
  readonly classes: Classes
  readonly spellings: Spellings
  /** The whole phrase, for messages. */
  readonly whole: string
}

function readSequence(text: string, reading: Reading): Sequence {
  const { classes, spellings, whole } = reading
  const items: Item[] = []
  const choice = (options: readonly string[], isOptional: boolean): readonly Item[] =>
    makeChoice(
      options.map((option) => readSequence(option, reading)),
      isOptional,
    )
  for (const written of splitOutside(text.toLowerCase(), ' ')) {
    const item = written.trim()
    if (item === '') continue
    if (item in gaps) items.push({ kind: 'gap', most: gaps[item] ?? 0 })
    else if (item === '#') items.push({ kind: 'number' })
    else if (/^\(.*\)\??$/s.test(item)) {
      const isOptional = item.endsWith('?')
      const inner = item.slice(1, isOptional ? -2 : -1)
      items.push(...choice(splitOutside(inner, '|'), isOptional))
    } else if (/^\{\w+\}\??$/.test(item)) {
      const name = item.replaceAll(/[{}?]/g, '')
      const words = classes.get(name)
      if (words === undefined) throw new Error(`the phrase "${whole}" names the class ${name}, which does not exist`)
      items.push(...choice(words.split('|'), item.endsWith('?')))
    } else if (/[(){}|?]/.test(item)) throw new Error(`the phrase "${whole}" cannot be read at "${item}"`)
    else {
      for (const word of item.replaceAll(/['’]/g, '').split(/[-/]/)) {
        if (word.endsWith('*')) items.push({ kind: 'words', exact: new Set(), stems: new Set([word.slice(0, -1)]) })
        // As in the notes: an abbreviation stands for its words.
        else if (word !== '')
          for (const right of spellings.get(word) ?? [word])
            items.push({ kind: 'words', exact: new Set([right]), stems: new Set() })
      }
    }
  }
  if (!items.some(isFirm)) throw new Error(`the phrase "${whole}" has a part without a word that must be there`)
  return items
}

/** Options of one word each become one item, as a look-up is quicker than trying each. */
function makeChoice(options: readonly Sequence[], isOptional: boolean): readonly Item[] {
  const exact = new Set<string>()
  const stems = new Set<string>()
  const others: Sequence[] = []
  for (const option of options) {
    const [only] = option
    if (option.length === 1 && only?.kind === 'words') {
      only.exact.forEach((word) => exact.add(word))
      only.stems.forEach((stem) => stems.add(stem))
    } else others.push(option)
  }
  const words: readonly Item[] = exact.size + stems.size > 0 ? [{ kind: 'words', exact, stems }] : []
  if (others.length === 0 && !isOptional) return words
  return [{ kind: 'choice', options: [...words.map((item) => [item]), ...others], isOptional }]
}

export const isFirm = (item: Item): boolean => item.kind !== 'gap' && !(item.kind === 'choice' && item.isOptional)

/** At `separator` characters that stand in no bracket. */
function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === separator && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts
}
