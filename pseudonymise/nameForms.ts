import { wordsOf } from './wordsOf.ts'

/** Words that stand side by side in a text, in this order, whatever stands between them that is no word. */
export interface WordRun {
  readonly kind: 'name' | 'address'
  readonly words: readonly string[]
  /** As it is written, given name first; only where the run is such a name. */
  readonly written?: string
  /** Also what a text of ours may say: left out where one does. Never so for an address with a number. */
  readonly isOrdinary: boolean
}

/** Before a surname they make a name of the commonest word. Not `sister` and `pc`, which are words of our own. */
export const titles: ReadonlySet<string> = new Set(['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'professor'])
const otherTitles: ReadonlySet<string> = new Set(['sister', 'pc', 'rev', 'revd', 'sir'])

/** Every given or preferred name with every family or former name, in both orders. */
export function personNames(given: readonly string[], family: readonly string[]): readonly WordRun[] {
  const told = (names: readonly string[]): string[] => names.filter((name) => wordsOf(name).length > 0)
  return told(given).flatMap((first) =>
    told(family).flatMap((last) => [
      ...nameRun([...wordsOf(first), ...wordsOf(last)], `${first} ${last}`),
      ...nameRun([...wordsOf(last), ...wordsOf(first)]),
    ]),
  )
}

/** A professional's name as written, without its title, and with the last word first. */
export function nameRuns(name: string): readonly WordRun[] {
  const words = wordsOf(name)
  const hasTitle = titles.has(words[0] ?? '') || otherTitles.has(words[0] ?? '')
  const bare = hasTitle ? words.slice(1) : words
  const last = bare.at(-1)
  const written = hasTitle ? name.trim().replace(/^\S+\s+/, '') : name.trim()
  return [
    ...(hasTitle ? nameRun(words) : []),
    ...nameRun(bare, written),
    ...nameRun(last === undefined ? [] : [last, ...bare.slice(0, -1)]),
  ]
}

/**
 * Forms of a surname that stand without a given name: one word; a longer surname whole, its parts, and without the mark after a particle (O'Brannagh, OBrannagh).
 */
export function surnamesOf(name: string): { readonly words: readonly string[]; readonly runs: readonly WordRun[] } {
  const words = wordsOf(name).filter((word) => /^\p{L}+$/u.test(word))
  const joined = words.length > 1 && (words[0]?.length ?? 0) <= 3 ? [words.join('')] : []
  return {
    words: [...words, ...joined].filter((word) => word.length > 1),
    runs: words.length > 1 ? nameRun(words) : [],
  }
}

/** One word is no full name; two of which one is an initial stand in too many texts. */
function nameRun(words: readonly string[], written?: string): readonly WordRun[] {
  const isTellingName = words.length >= 2 && (words.length > 2 || words.every((word) => word.length > 1))
  return isTellingName ? [{ kind: 'name', words, isOrdinary: true, ...(written === undefined ? {} : { written }) }] : []
}
