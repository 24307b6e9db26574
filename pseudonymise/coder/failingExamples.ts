import { makeCoder } from './makeCoder.ts'
import { readLexicon, type Lexicon } from './readLexicon.ts'

/**
 * Holds each row of the lexicon to its example, one sentence a failure: the phrase must give its code there, under all cues
 * and the masks of its code; a mask must hide what its example says.
 */
export function failingExamples(lexicon: Lexicon = readLexicon()): readonly string[] {
  const code = makeCoder(lexicon, { everyRow: true })
  return lexicon.rows.flatMap((row) => {
    const found = code(row.example)
    if (row.isMask)
      return found.some((finding) => finding.code === row.code) ? [`${row.code}: not hidden in “${row.example}”`] : []
    return found.some((finding) => finding.row === row) ? [] : [`${row.code}: not found in “${row.example}”`]
  })
}
