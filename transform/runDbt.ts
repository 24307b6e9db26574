import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DsrError } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { makeTempDirectory } from '../store/openDuckDB.ts'

export interface DbtOrder {
  readonly warehouse: string
  /** Owner-only folder for dbt's artefacts and for spill files; the source tree is never written to. */
  readonly work: string
  /** For example `['build']`. */
  readonly command: readonly string[]
  /** Called for each finished model or test. */
  readonly progress: (done: number, all: number) => void
}

export interface DbtResult {
  readonly isDone: boolean
  /** Models or tests by how they ended: success, pass, fail, error, skipped. */
  readonly outcomes: ReadonlyMap<string, readonly string[]>
}

/**
 * Runs dbt of our Python environment to its end as a child process. It gets no key, and no variable that it does not
 * need. Of its log only names of models and tests, counts and states are read: an error of DuckDB quotes data.
 */
export async function runDbt({ warehouse, work, command, progress }: DbtOrder): Promise<DbtResult> {
  const dbt = join(projectRoot, '.venv/bin/dbt')
  if (!existsSync(dbt)) throw new DsrError('input', 'dbt is not installed.', 'Run: make install')
  mkdirSync(work, { recursive: true, mode: 0o700 })
  const project = join(projectRoot, 'transform')
  const places = ['--project-dir', project, '--profiles-dir', project, '--target-path', work, '--log-path', work]
  const quiet = ['--log-format', 'json', '--log-level', 'info', '--log-level-file', 'none', '--no-version-check']
  const child = spawn(dbt, [...quiet, ...command, ...places], {
    cwd: work,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      DO_NOT_TRACK: '1',
      DSR_WAREHOUSE: warehouse,
      DSR_SPILL: makeTempDirectory(join(work, 'spill')),
    },
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const outcomes = new Map<string, string[]>()
  for await (const line of createInterface({ input: child.stdout })) {
    const node = readFinishedNode(line)
    if (node === null) continue
    outcomes.set(node.state, [...(outcomes.get(node.state) ?? []), node.name])
    progress(node.index, node.total)
  }
  return { isDone: (await ended) === 0, outcomes }
}

interface FinishedNode {
  readonly name: string
  readonly state: string
  readonly index: number
  readonly total: number
}

/** A line of dbt's JSON log that tells the end of a model or test; null for every other line. */
function readFinishedNode(line: string): FinishedNode | null {
  if (!line.startsWith('{')) return null
  const { info, data } = JSON.parse(line) as { info: { name: string }; data: DbtEnd }
  if (!['LogModelResult', 'LogTestResult', 'SkippingDetails'].includes(info.name) || !data.node_info) return null
  const { node_name: name, node_status } = data.node_info
  return {
    name,
    // A unit test's node has no status of its own.
    state: node_status === 'None' ? (data.status ?? '') : node_status,
    index: data.index ?? 0,
    total: data.total ?? data.num_models ?? 0,
  }
}

/** What we read of such a line; of a test dbt calls the total num_models. */
interface DbtEnd {
  readonly index?: number
  readonly total?: number
  readonly num_models?: number
  readonly status?: string
  readonly node_info?: { readonly node_name: string; readonly node_status: string }
}
