/** Letters that no accent can be taken from, in the letters that people type instead. */
const plain: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
}

/** Words of a text without case, accents, punctuation and invisible marks: "O'Neill, Zoë" gives o, neill, zoe. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/[\p{M}\u00ad\u200b-\u200d\u2060\ufeff]/gu, '')
      .toLowerCase()
      .replace(/[øłđðþßæœı]/g, (letter) => plain[letter] ?? letter)
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}
