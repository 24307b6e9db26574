import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DsrError } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { makeTempDirectory } from '../store/openDuckDB.ts'

export interface DbtOrder {
  readonly warehouse: string
  /** Owner-only folder for dbt's artefacts and for spill files; the source tree is never written to. */
  readonly work: string
  /** File in which what dbt parsed is kept for the next run; without it dbt parses everything anew. */
  readonly parsed?: string
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
export async function runDbt({ warehouse, work, parsed, command, progress }: DbtOrder): Promise<DbtResult> {
  const dbt = join(projectRoot, '.venv/bin/dbt')
  if (!existsSync(dbt)) throw new DsrError('input', 'dbt is not installed.', 'Run: make install')
  mkdirSync(work, { recursive: true, mode: 0o700 })
  // dbt parses everything anew when a path in its profile is another, so in its folder each warehouse has the same name.
  const link = join(work, 'warehouse.duckdb')
  rmSync(link, { force: true })
  symlinkSync(warehouse, link)
  const parsedHere = join(work, 'partial_parse.msgpack')
  if (parsed && existsSync(parsed)) copyFileSync(parsed, parsedHere)
  makeTempDirectory(join(work, 'spill'))
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
      DSR_WAREHOUSE: 'warehouse.duckdb',
      DSR_SPILL: 'spill',
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
  const isDone = (await ended) === 0
  rmSync(link)
  // A log that was not written back yet belongs to the file, not to its name here.
  if (existsSync(`${link}.wal`)) renameSync(`${link}.wal`, `${warehouse}.wal`)
  if (parsed && isDone && existsSync(parsedHere)) {
    copyFileSync(parsedHere, `${parsed}.new`)
    renameSync(`${parsed}.new`, parsed)
  }
  return { isDone, outcomes }
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
