// Notes a minute of the coder, on one thread and on every processor: node tests/bench/themes/speed.mjs [--notes 100000]
// The notes are those of the train part in a shuffled order, each with a word of its own, so that none comes twice.
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { codeInThreads } from '../../../dist/pseudonymise/coder/codeInThreads.js'
import { makeCoder } from '../../../dist/pseudonymise/coder/makeCoder.js'
import { readLexicon } from '../../../dist/pseudonymise/coder/readLexicon.js'
import { makeJudge, readWeights } from '../../../dist/pseudonymise/coder/weights.js'
import { readNotes } from './notes.mjs'

const { values } = parseArgs({ options: { notes: { type: 'string', default: '100000' } } })
const notes = makeNotes(Number(values.notes))
const batchSize = 500

console.log(`\nspeed of the theme coder, ${notes.length} notes; load of the machine before: ${loadavg()[0].toFixed(1)}`)
await time('1 thread', () => {
  const code = makeCoder(readLexicon(), { judge: makeJudge(readWeights()) })
  return notes.reduce((found, { text }) => found + code(text).length, 0)
})
await time(`${availableParallelism()} threads`, async () => {
  let found = 0
  await codeInThreads(batchesOf(notes), (_, findings) => (found += findings.reduce((sum, one) => sum + one.length, 0)))
  return found
})

function makeNotes(count) {
  const train = readNotes('train')
  let state = 1
  // Park and Miller's generator: the same order on every run.
  const next = (below) => (state = (state * 48271) % 2147483647) % below
  return Array.from({ length: count }, (_, index) => ({ text: `${train[next(train.length)].text} Ref entry${index}.` }))
}

async function* batchesOf(all) {
  for (let at = 0; at < all.length; at += batchSize) yield all.slice(at, at + batchSize)
}

/** Seconds by the clock, and of the processor over all threads: a busy machine shows in the first only. */
async function time(what, work) {
  const before = process.cpuUsage()
  const began = performance.now()
  const found = await work()
  const seconds = (performance.now() - began) / 1000
  const used = process.cpuUsage(before)
  const busy = (used.user + used.system) / 1e6
  const aMinute = Math.round((60 * notes.length) / seconds)
  console.log(
    `${what.padEnd(12)}${String(aMinute).padStart(9)} notes a minute  ${seconds.toFixed(1)} s, of the processor ${busy.toFixed(1)} s  ${found} codes found`,
  )
}
