import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutations } from './list.mjs'

/**
 * Applies each mutation of list.mjs to a copy of the sources and runs the one test that must stop it. Prints a table; ends
 * with 1 when a leak survives or an entry of the list no longer fits. Arguments: numbers of mutations to run, else all.
 */
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const folders = 'register store ingest pseudonymise transform publish dashboard pipeline demo tests docs dist'.split(
  ' ',
)
const files = 'package.json tsconfig.json tsconfig.build.json vitest.config.ts Makefile README.md CHANGELOG.md'.split(
  ' ',
)
const workers = 2

const home = mkdtempSync(join(tmpdir(), 'dsr-mutations-'))
const wanted = process.argv.slice(2).map(Number)
const chosen = mutations
  .map((mutation, index) => ({ ...mutation, number: index + 1 }))
  .filter(({ number }) => wanted.length === 0 || wanted.includes(number))
const started = Date.now()
try {
  process.exitCode = await main()
} finally {
  rmSync(home, { recursive: true, force: true })
}

async function main() {
  const stale = chosen.filter(({ file, search }) => readFileSync(join(root, file), 'utf8').split(search).length !== 2)
  for (const { number, file } of stale)
    console.log(`${number}: its text does not stand exactly once in ${file}. Put tests/mutations/list.mjs right.`)
  if (stale.length > 0) return 1

  const copies = Array.from({ length: workers }, (_, index) => makeCopy(join(home, `copy-${index}`)))
  const unsound = await findUnsound(copies[0])
  for (const { test, name } of unsound) console.log(`${test}: "${name}" is not there or fails without any change.`)
  const outcomes = await eachOf(chosen, copies, (copy, mutation) =>
    unsound.includes(mutation) ? { ...mutation, outcome: 'NOT TRIED: its test proves nothing' } : apply(copy, mutation),
  )
  console.log('')
  for (const { number, leak, test, name, outcome } of outcomes) {
    const ending = outcome === 'stopped' ? `stopped by ${test}: ${name}` : outcome
    console.log(`${String(number).padStart(2)}  ${leak}\n    ${ending}`)
  }
  const stopped = outcomes.filter(({ outcome }) => outcome === 'stopped').length
  console.log(
    `\n${stopped} of ${outcomes.length} leaks were stopped, in ${Math.round((Date.now() - started) / 1000)} s`,
  )
  return stopped === outcomes.length ? 0 : 1
}

/** A copy of the sources; what is installed is only pointed to. */
function makeCopy(copy) {
  mkdirSync(copy)
  for (const name of [...folders, ...files]) cpSync(join(root, name), join(copy, name), { recursive: true })
  for (const name of ['node_modules', '.venv']) symlinkSync(join(root, name), join(copy, name))
  // Caches of the copies must not land in the one node_modules.
  writeFileSync(
    join(copy, 'mutations.config.ts'),
    `import config from './vitest.config.ts'\nexport default { ...config, cacheDir: './.cache' }\n`,
  )
  return copy
}

/** Hands the jobs to whichever copy is free. */
async function eachOf(jobs, copies, perform) {
  const results = []
  let next = 0
  const work = async (copy) => {
    while (next < jobs.length) {
      const at = next++
      results[at] = await perform(copy, jobs[at])
    }
  }
  await Promise.all(copies.map(work))
  return results
}

/** Unchanged, every named test has to be there and to pass: else its failing would prove nothing. */
async function findUnsound(copy) {
  const files = [...new Set(chosen.map(({ test }) => test))]
  const { tests } = await runTests(copy, files, [...new Set(chosen.map(({ name }) => name))])
  return chosen.filter(({ test, name }) => {
    const found = tests.filter(({ file, title }) => file === join(copy, test) && title.includes(name))
    return found.length === 0 || found.some(({ status }) => status !== 'passed')
  })
}

async function apply(copy, mutation) {
  const { file, search, replacement, test, name } = mutation
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(search, () => replacement),
  )
  try {
    const { tests, complaint } = await runTests(copy, [test], [name])
    const isStopped = tests.some(({ title, status }) => title.includes(name) && status === 'failed')
    // A fault while a file is loaded or prepared fails its tests too, unless the mutation is no valid program.
    const isInvalid = /Transform failed|SyntaxError|is not defined|PARSE_ERROR/.test(complaint)
    const outcome = isInvalid ? 'NO VALID PROGRAM' : isStopped || complaint !== '' ? 'stopped' : 'SURVIVED'
    process.stdout.write(outcome === 'stopped' ? '.' : '!')
    if (process.env.VERBOSE) console.log(`\n${mutation.number}: ${complaint.slice(0, 1500)}`)
    return { ...mutation, outcome }
  } finally {
    writeFileSync(path, text)
  }
}

/** Tests of these files by name, with what they say when they fail. */
function runTests(copy, files, names) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const args = [
    'run',
    ...files,
    '-t',
    pattern,
    '--config',
    'mutations.config.ts',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const env = { ...process.env, DSR_TEST_FOLDER: undefined }
  return new Promise((done) => {
    execFile(join(copy, 'node_modules/.bin/vitest'), args, { cwd: copy, env, maxBuffer: 1e8 }, () => {
      const { testResults = [] } = readReport(report)
      const tests = testResults.flatMap(({ name: file, message, assertionResults }) =>
        assertionResults
          .filter(({ status }) => status !== 'skipped' || message)
          .map(({ fullName, status, failureMessages }) => ({
            file,
            title: fullName,
            status,
            said: failureMessages.join('\n'),
          })),
      )
      const complaint = [...testResults.map(({ message }) => message ?? ''), ...tests.map(({ said }) => said)]
        .join('\n')
        .trim()
      done({ tests, complaint })
    })
  })
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
