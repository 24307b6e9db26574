import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../register/projectRoot.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const program = join(projectRoot, 'dist/pipeline/dsr.js')

/** Runs the compiled `dsr` to its end, as a person would. */
export function dsr(deployment: Deployment, ...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--home', deployment.home], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

/** A fresh made-up deployment; the truth planted in it is in its truth.json. */
export function makeDemoDeployment(people: number): Deployment {
  const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-demo-')))
  const ended = dsr(deployment, 'demo', '--people', String(people))
  if (ended.code !== 0) throw new Error(`dsr demo ended with ${ended.code}: ${ended.err}`)
  return deployment
}

/**
 * A made-up deployment that has been run once and is served: built by the first test of this test run that asks for so
 * many people, and copied for each, as building one takes longer than most tests.
 */
export async function servedDemo(people: number): Promise<Deployment> {
  const folder = process.env['DSR_TEST_FOLDER']
  if (!folder) throw new Error('DSR_TEST_FOLDER is not set: run the tests with vitest.config.ts')
  const home = join(folder, `served-${people}`)
  const done = join(folder, `served-${people}.done`)
  if (isFirst(`${home}.begun`)) {
    const built = makeDemoDeployment(people)
    const ended = dsr(built, 'run')
    writeFileSync(`${home}.said`, `${ended.out}\n${ended.err}`)
    if (ended.code === 0) renameSync(built.home, home)
    writeFileSync(done, ended.code === 0 ? '' : `dsr run ended with ${ended.code}: ${ended.out} ${ended.err}`)
  }
  while (!existsSync(done)) await new Promise((resolve) => setTimeout(resolve, 200))
  const complaint = readFileSync(done, 'utf8')
  if (complaint !== '') throw new Error(complaint)
  return copyDeployment(deploymentAt(home))
}

/** What the run of `servedDemo` printed. */
export function whatServedDemoSaid(people: number): string {
  return readFileSync(join(process.env['DSR_TEST_FOLDER'] ?? '', `served-${people}.said`), 'utf8')
}

/** True for the one caller, of all processes, that makes the folder. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** A copy of a deployment to break at will. */
export function copyDeployment(deployment: Deployment): Deployment {
  const copy = mkdtempSync(join(tmpdir(), 'dsr-copy-'))
  cpSync(deployment.home, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.endsWith('.sock'),
  })
  return deploymentAt(copy)
}

/** Starts `dsr run`, or another verb, and kills it and all its children, without warning, as soon as its output has `line`. */
export async function killRunAt(
  deployment: Deployment,
  line: RegExp,
  verb: readonly string[] = ['run'],
): Promise<string> {
  const child = spawn(process.execPath, [program, ...verb, '--home', deployment.home], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      out += chunk.toString()
      if (line.test(out) && child.pid) process.kill(-child.pid, 'SIGKILL')
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(out)
      else reject(new Error(`the run ended with ${code} before ${String(line)}: ${out}`))
    })
  })
}

/** Makes the next run have something to do: a comment in the settings changes what a version is made from. */
export function touchSettings(deployment: Deployment): void {
  appendFileSync(deployment.settingsFile, '# touched\n')
}

/** Content of each file of a folder, for comparing two folders byte by byte. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(join(folder, file)).toString('base64')]),
  )
}
