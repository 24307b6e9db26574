import { parentPort } from 'node:worker_threads'
import { makeCoder } from './makeCoder.ts'
import { readLexicon } from './readLexicon.ts'
import { makeJudge, readWeights } from './weights.ts'

// Main of a coding thread: a list of notes in, a list of what was found in each out, in the same order.
const code = makeCoder(readLexicon(), { judge: makeJudge(readWeights()) })
parentPort?.on('message', (notes: readonly string[]) => {
  parentPort?.postMessage(
    notes.map((note) =>
      code(note).map(({ kind, code: found, outcome, from, to }) => ({ kind, code: found, outcome, from, to })),
    ),
  )
})
