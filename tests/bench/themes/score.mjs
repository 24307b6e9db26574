// Scores the theme coder on the labelled notes: node tests/bench/themes/score.mjs
//   [--part train|test|learning] [--half even|odd] [--kind theme|strategy] [--code T07,T08] [--lexicon]
//   [--errors] [--json] [--csv]
// --lexicon leaves the weights out. --errors shows what is wrong in the train part: the test part is for measuring only. --json prints the totals; --csv the
// counts by code: `--part test --csv > register/coder_quality.csv` is what the method page shows.
import { parseArgs } from 'node:util'
import { makeCoder } from '../../../dist/pseudonymise/coder/makeCoder.js'
import { readLexicon } from '../../../dist/pseudonymise/coder/readLexicon.js'
import { makeJudge, readWeights } from '../../../dist/pseudonymise/coder/weights.js'
import { codesOf, countTraps, rates, readNotes, score } from './notes.mjs'

const { values: options } = parseArgs({
  options: {
    part: { type: 'string' },
    half: { type: 'string' },
    kind: { type: 'string' },
    code: { type: 'string' },
    errors: { type: 'boolean' },
    json: { type: 'boolean' },
    csv: { type: 'boolean' },
    lexicon: { type: 'boolean' },
  },
})
const code = makeCoder(readLexicon(), options.lexicon ? {} : { judge: makeJudge(readWeights()) })
const kinds = {
  theme: { codes: codesOf('T', 32), labels: (note) => note.themes },
  strategy: { codes: codesOf('P', 18), labels: (note) => note.strategies.map((strategy) => strategy.code) },
}
const onlyTrain = options.half !== undefined || options.errors
const parts = options.part ? [options.part] : onlyTrain ? ['train', 'learning'] : ['train', 'learning', 'test']
const results = parts.map(measure)

if (options.json) {
  console.log(JSON.stringify(Object.fromEntries(results.map(({ part, json }) => [part, json]))))
} else if (options.csv) {
  console.log(`code,hits,extra,missed\n${results.flatMap(countLines).join('\n')}`)
} else for (const result of results) print(result)

function measure(part) {
  const notes = readNotes(part).filter(isChosen)
  const findings = notes.map((note) => code(note.text))
  const byKind = Object.keys(kinds)
    .filter((kind) => !options.kind || options.kind === kind)
    .map((kind) => {
      const wanted = options.code?.split(',')
      const codes = kinds[kind].codes.filter((one) => !wanted || wanted.includes(one))
      const given = findings.map((found) => new Set(found.filter((one) => one.kind === kind).map((one) => one.code)))
      const labels = notes.map((note) => new Set(kinds[kind].labels(note)))
      return { kind, codes, given, ...score(given, labels, codes) }
    })
    .filter(({ codes }) => codes.length > 0)
  const traps = [...countTraps(byKind.find(({ kind }) => kind === 'theme')?.given ?? [], notes)]
  const json = {
    ...Object.fromEntries(byKind.map(({ kind, micro, macro, exact }) => [kind, { ...micro, macro, exact }])),
    traps: traps.reduce((sum, [, { set, taken }]) => ({ set: sum.set + set, taken: sum.taken + taken }), {
      set: 0,
      taken: 0,
    }),
    outcomes: countOutcomes(notes, findings),
  }
  return { part, notes, findings, byKind, traps, json }
}

function isChosen({ id }) {
  if (!options.half || options.half === 'all') return true
  return (Number(id.slice(-3)) % 2 === 0) === (options.half === 'even')
}

/** Of the strategies that were found, how many have the outcome of the label. */
function countOutcomes(notes, findings) {
  const pairs = notes.flatMap((note, index) =>
    note.strategies.map((right) => [right.outcome, findings[index].find((one) => one.code === right.code)?.outcome]),
  )
  const found = pairs.filter(([, outcome]) => outcome !== undefined)
  return { found: found.length, right: found.filter(([right, outcome]) => right === outcome).length }
}

function print({ part, notes, findings, byKind, traps, json }) {
  const percent = (share) => `${(100 * share).toFixed(0)}%`.padStart(9)
  for (const { kind, codes, byCode, micro, macro, exact } of byKind) {
    console.log(
      `\n${part}, ${notes.length} notes, ${kind}`.padEnd(34),
      'precision   recall       F1   hits  extra missed',
    )
    for (const [name, counts] of byCode) {
      const { precision, recall, f1 } = rates(counts)
      const numbers = [counts.hits, counts.extra, counts.missed].map((number) => String(number).padStart(6))
      console.log(name.padEnd(33), percent(precision), percent(recall), percent(f1), numbers.join(' '))
    }
    const [precision, recall, f1] = [micro.precision, micro.recall, micro.f1].map((share) => share.toFixed(3))
    console.log(
      `micro precision ${precision}  recall ${recall}  F1 ${f1}   macro F1 ${macro.toFixed(3)}   exactly right ${exact} of ${notes.length}`,
    )
    if (kind === 'theme') {
      const byTrap = traps.map(([name, { set, taken }]) => `${name} ${taken} of ${set}`)
      console.log(`traps taken ${json.traps.taken} of ${json.traps.set}: ${byTrap.join(', ')}`)
    } else console.log(`outcome right ${json.outcomes.right} of ${json.outcomes.found} found`)
    if (options.errors && part === 'train') showErrors(notes, findings, kind, codes)
  }
}

function showErrors(notes, findings, kind, codes) {
  notes.forEach((note, index) => {
    const right = kinds[kind].labels(note)
    const found = findings[index].filter((one) => one.kind === kind)
    const missed = codes.filter((one) => right.includes(one) && !found.some((finding) => finding.code === one))
    const extra = found.filter((one) => codes.includes(one.code) && !right.includes(one.code))
    if (missed.length + extra.length === 0) return
    console.log(`\n${note.id}: ${note.text}`)
    const words = missed.map((one) => `${one}${note.indirect.includes(one) ? ' (indirect)' : ''}`)
    if (words.length > 0) console.log(`  missed ${words.join(', ')}`)
    for (const { code: name, from, to } of extra) console.log(`  extra ${name} for “${note.text.slice(from, to)}”`)
  })
}

function countLines({ byKind }) {
  return byKind.flatMap(({ kind, micro, byCode }) =>
    [[kind === 'theme' ? 'themes' : 'strategies', micro], ...byCode].map(
      ([name, { hits, extra, missed }]) => `${name},${hits},${extra},${missed}`,
    ),
  )
}
