/** Words that say little about which field a heading is: they weigh less when two headings are compared. */
const weak = new Set([
  'date',
  'of',
  'the',
  'a',
  'to',
  'on',
  'is',
  'in',
  'for',
  'at',
  'by',
  'or',
  'and',
  'dsr',
  'person',
  'last',
])

/** A heading or a word of the agency in lower case, without accents and punctuation: `NHS-No.` is `nhs no`. */
export function foldWords(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([\p{Ll}\d])(\p{Lu}\p{Ll})|(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1$3 $2$4')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** How alike two folded texts are, from 0 to 1: the weight of the words they share, in whatever order they stand. */
export function likeness(one: string, other: string): number {
  if (one === other) return one === '' ? 0 : 1
  const a = [...new Set(one.split(' '))]
  const b = [...new Set(other.split(' '))]
  const shared = a.filter((word) => b.some((candidate) => isSameWord(word, candidate)))
  const total = weightOf(a) + weightOf(b)
  return total === 0 ? 0 : (0.97 * 2 * weightOf(shared)) / total
}

function weightOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + (weak.has(word) ? 0.35 : 1), 0)
}

/** The same word, its plural, or one long word that begins like the other (`assess`, `assessment`). */
function isSameWord(one: string, other: string): boolean {
  if (one === other) return true
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short.length >= 4 && long.startsWith(short) && (long.length - short.length <= 3 || short.length >= 6)
}
