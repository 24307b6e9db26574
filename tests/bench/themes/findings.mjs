// Prints as JSON what the lexicon finds in each labelled note, by id, code and row of the lexicon, and the lexicon's own
// examples; never the text of a note: node tests/bench/themes/findings.mjs
import { makeCoder } from '../../../dist/pseudonymise/coder/makeCoder.js'
import { readLexicon } from '../../../dist/pseudonymise/coder/readLexicon.js'
import { readNotes } from './notes.mjs'

const lexicon = readLexicon()
const code = makeCoder(lexicon, { everyRow: true })
const places = new Map(lexicon.rows.map((row, index) => [row, index]))
const findingsOf = ({ id, text }) => ({
  id,
  findings: code(text).map((found) => ({ code: found.code, row: places.get(found.row) })),
})
const parts = Object.fromEntries(['train', 'test'].map((part) => [part, readNotes(part).map(findingsOf)]))
const examples = lexicon.rows
  .filter((row) => row.kind === 'theme')
  .map(({ code: name, isMask, example }) => ({ code: name, isMask, text: example }))
console.log(JSON.stringify({ parts, examples }))
