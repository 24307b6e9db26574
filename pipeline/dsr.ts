import { parseArgs } from 'node:util'
import { DsrError, describeFailure } from '../register/errors.ts'
import { nearest } from '../register/nearest.ts'
import { deploymentAt } from '../store/deployment.ts'
import { StepFailure } from './spawnStep.ts'
import type { Verb } from './verb.ts'
import { check } from './verbs/check.ts'
import { demo } from './verbs/demo.ts'
import { extract } from './verbs/extract.ts'
import { init } from './verbs/init.ts'
import { keys } from './verbs/keys.ts'
import { links } from './verbs/links.ts'
import { importReference } from './verbs/importReference.ts'
import { pull } from './verbs/pull.ts'
import { quarantine } from './verbs/quarantine.ts'
import { reidentify } from './verbs/reidentify.ts'
import { runVerb } from './verbs/run.ts'
import { serve } from './verbs/serve.ts'
import { status } from './verbs/status.ts'
import { verify } from './verbs/verify.ts'
import { withdraw } from './verbs/withdraw.ts'

/** Verbs in the order of a deployment's life. */
const verbs: readonly Verb[] = [
  init,
  demo,
  importReference,
  pull,
  check,
  runVerb,
  status,
  quarantine,
  links,
  withdraw,
  extract,
  reidentify,
  keys,
  verify,
  serve,
]

const homeOption = { meaning: 'the deployment folder ($DSR_HOME, else ./deployment)' }

// Files and folders that any verb makes are readable by their owner only (security.md KE-05).
process.umask(0o077)
process.env['TZ'] = 'Europe/London'
// Whoever reads our output may stop reading (dsr links | head): the work goes on, and only what else is amiss is said.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<void> {
  try {
    const [name, ...rest] = args
    if (name === undefined || name === '--help' || name === '-h') return printHelp()
    await verbNamed(name, rest)
  } catch (error) {
    const { exitCode, text } =
      error instanceof StepFailure ? { exitCode: error.exitCode, text: error.message } : describeFailure(error)
    process.stderr.write(`${text}\n`)
    process.exitCode = exitCode
  }
}

async function verbNamed(name: string, args: readonly string[]): Promise<void> {
  const verb = verbs.find((candidate) => candidate.name === name)
  if (!verb) {
    const near = nearest(
      name,
      verbs.map((candidate) => candidate.name),
    )
    const likely = near === null ? '' : `; the nearest is ${near}`
    throw new DsrError('input', `There is no verb ${name}${likely}.`, 'Run: dsr --help')
  }
  const { values, positionals } = readArguments(verb, args)
  if (values['help'] === true) return printVerb(verb)
  const home = typeof values['home'] === 'string' ? values['home'] : (process.env['DSR_HOME'] ?? 'deployment')
  await verb.perform({ deployment: deploymentAt(home), values, positionals })
}

function readArguments(
  verb: Verb,
  args: readonly string[],
): Pick<Parameters<Verb['perform']>[0], 'values' | 'positionals'> {
  const options = { ...verb.options, home: { type: 'string' }, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...args], options, allowPositionals: verb.arguments !== undefined })
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'The options do not fit.'
    throw new DsrError('input', reason, `Run: dsr ${verb.name} --help`)
  }
}

function printHelp(): void {
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(18)} ${verb.summary}`)
  process.stdout.write(
    `dsr: the Dynamic Support Register, from agencies' extracts to charts and cases\n\n${lines.join('\n')}\n\n` +
      `Each verb works on the deployment folder --home DIR, else $DSR_HOME, else ./deployment.\n` +
      `dsr VERB --help explains one verb. Exit codes: 0 done, 1 input or settings are wrong, 2 our bug,\n` +
      `3 another run is working, 4 a key is missing, 5 a key does not fit, 6 a file is damaged, 7 a guard found identities, 130 stopped with Ctrl-C.\n`,
  )
}

function printVerb(verb: Verb): void {
  const options = Object.entries({ home: homeOption, ...verb.options }).map(
    ([name, option]) => `  --${name.padEnd(16)} ${option.meaning}`,
  )
  const usage = `dsr ${verb.name} [--home DIR]${verb.arguments ? ` ${verb.arguments}` : ''}`
  process.stdout.write(`${usage}\n${verb.summary}\n\n${options.join('\n')}\n\nExample: ${verb.example}\n`)
}
