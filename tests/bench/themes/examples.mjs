// Codes the example of each row of the lexicon and names the rows that fail: node tests/bench/themes/examples.mjs [--code T07,T08]
import { parseArgs } from 'node:util'
import { failingExamples } from '../../../dist/pseudonymise/coder/failingExamples.js'

const { values } = parseArgs({ options: { code: { type: 'string' } } })
const failing = failingExamples().filter(
  (line) => !values.code || values.code.split(',').some((code) => line.startsWith(code)),
)
console.log(failing.join('\n') || 'every example holds')
