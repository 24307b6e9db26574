// Prints as JSON what the coder sees of each labelled note: its words by sentence, those that a cue cancels after a "!", and
// the codes that the lexicon finds. Input of learn.py: node tests/bench/themes/tokens.mjs
import { makeCoder } from '../../../dist/pseudonymise/coder/makeCoder.js'
import { readLexicon } from '../../../dist/pseudonymise/coder/readLexicon.js'
import { readNotes } from './notes.mjs'

const judge = ({ sentences, findings }) => [
  {
    sentences: sentences.map(({ words }) => words).filter((words) => words.length > 0),
    hits: findings.map((found) => found.code),
  },
]
const code = makeCoder(readLexicon(), { judge })
const read = ({ id, text, themes, strategies, traps }) => ({ id, themes, strategies, traps, ...code(text)[0] })
console.log(JSON.stringify(['train', 'learning'].flatMap((part) => readNotes(part).map(read))))
