/** Between two words of a phrase: "self harm" is also written "self-harm", "28 days notice" also "28 days' notice". */
const gap = "'?[\\s-]+"

/**
 * Turns a phrase of the lexicon into a pattern that RE2 and JavaScript both read, over lower-case text.
 * A phrase is words; a space also matches a hyphen, `*` ends a word anyhow, `a|b` and `(a|b)` are alternatives and
 * `(…)?` may be absent.
 */
export function phrasePattern(phrase: string): string {
  return `\\b(?:${splitOutside(phrase, '|').map(alternative).join('|')})\\b`
}

function alternative(text: string): string {
  const items = splitOutside(text.trim(), ' ').filter((item) => item !== '')
  const isOptional = (item: string): boolean => item.endsWith(')?')
  const lastRequired = items.findLastIndex((item) => !isOptional(item))
  return items
    .map((item, index) => {
      const pattern = isOptional(item) ? words(item.slice(0, -1)) : words(item)
      if (!isOptional(item)) return index < lastRequired ? `${pattern}${gap}` : pattern
      return index < lastRequired ? `(?:${pattern}${gap})?` : `(?:${gap}${pattern})?`
    })
    .join('')
}

/** A word, or a group of alternatives without groups inside. */
function words(item: string): string {
  const isGroup = item.startsWith('(') && item.endsWith(')')
  const pattern = (isGroup ? item.slice(1, -1) : item)
    .replace(/[.+[\]{}^$/\\()?]/g, '\\$&')
    .replaceAll('*', '\\w*')
    .replaceAll(' ', gap)
  return isGroup ? `(?:${pattern})` : pattern
}

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
