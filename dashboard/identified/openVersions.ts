import { LIST, VARCHAR, listValue, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import { basename } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { currentVersion } from '../../store/versions.ts'

/** One row as JSON values: dates and bigints are text, lists are arrays. */
export type Row = Readonly<Record<string, unknown>>

/** What a parameter may be; a list is bound as VARCHAR[]. */
export type Parameters = Readonly<Record<string, string | number | null | readonly string[]>>

/** One version, open read-only for the length of one request: all its queries see the same data. */
export interface VersionData {
  readonly id: string
  /** The day the version's figures are of, yyyy-mm-dd. */
  readonly asOf: string
  rows(sql: string, parameters?: Parameters): Promise<readonly Row[]>
}

export interface Versions {
  /** Runs `work` on the current version; throws `Unavailable` when there is none, or too much is going on. */
  read<Result>(work: (data: VersionData) => Promise<Result>): Promise<Result>
  close(): void
}

/** Answered with 503: nothing is wrong with the request, it cannot be served now. */
export class Unavailable extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Unavailable'
  }
}

export interface VersionOptions {
  readonly deployment: Deployment
  readonly storeKey: Buffer
  /** Used only where the version does not say what day it is of. */
  readonly asOf: string
  /** Told of a new version that does not open; the one before is served on. */
  readonly onFailure: (error: unknown) => void
  /** For all the queries of one request together (security.md DB-05). */
  readonly milliseconds?: number
  readonly atOnce?: number
  readonly waiting?: number
  readonly rowLimit?: number
}

interface Opened {
  readonly id: string
  readonly asOf: string
  readonly database: Database
  users: number
  isRetired: boolean
}

/**
 * Follows `store/current` without a restart: a new version gets an instance of its own, locked from birth, and the old
 * one closes when its last query has ended (stack measurements: no failed and no wrong answer under load, RL-11).
 */
export async function openVersions(options: VersionOptions): Promise<Versions> {
  const { milliseconds = 5000, atOnce = 8, waiting = 64, rowLimit = 50_000 } = options
  let current: Opened | null = null
  let opening: Promise<void> | null = null
  let failed: string | null = null
  let running = 0
  const queue: (() => void)[] = []

  const follow = async (folder: string): Promise<void> => {
    try {
      const opened = await openVersion(folder, options)
      if (current) retire(current)
      current = opened
      failed = null
    } catch (error) {
      if (!current) throw error
      failed = folder
      options.onFailure(error)
    } finally {
      opening = null
    }
  }

  /** The newest version, counted as used before anything else can run, so that it cannot be closed in between. */
  const borrow = async (): Promise<Opened> => {
    const folder = currentVersion(options.deployment)
    if (folder === null) throw new Unavailable('No run has been finished yet.')
    if (current?.id !== basename(folder) && failed !== folder) await (opening ??= follow(folder))
    if (!current) throw new Unavailable('No version is open.')
    current.users++
    return current
  }
  const giveBack = (opened: Opened): void => {
    opened.users--
    closeWhenUnused(opened)
  }

  const enter = async (): Promise<void> => {
    if (running < atOnce) return void running++
    if (queue.length >= waiting) throw new Unavailable('Too many queries are waiting.')
    // Whoever leaves hands its place over, so the count stays as it is.
    await new Promise<void>((resolve) => queue.push(resolve))
  }
  const leave = (): void => {
    const next = queue.shift()
    if (next) next()
    else running--
  }

  if (currentVersion(options.deployment) !== null) giveBack(await borrow())

  return {
    async read(work) {
      await enter()
      try {
        const opened = await borrow()
        try {
          return await readWithin(opened, work, milliseconds, rowLimit)
        } finally {
          giveBack(opened)
        }
      } finally {
        leave()
      }
    },
    close() {
      if (current) retire(current)
      current = null
    },
  }
}

async function openVersion(folder: string, options: VersionOptions): Promise<Opened> {
  const files = versionFiles(folder)
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: options.storeKey, readOnly: true },
      { path: files.warehouse, alias: 'warehouse', readOnly: true },
    ],
    memoryLimit: '1GB',
    threads: 2,
    lockDown: true,
  })
  try {
    const asOf = await readAsOf(database.connection)
    return { id: basename(folder), asOf: asOf ?? options.asOf, database, users: 0, isRetired: false }
  } catch (error) {
    database.close()
    throw error
  }
}

async function readAsOf(connection: DuckDBConnection): Promise<string | null> {
  const sql = `select value::varchar as value from warehouse.reference.settings where name = 'as_of'`
  const reader = await connection.runAndReadAll(sql).catch(() => {
    throw new DsrError(
      'corrupt',
      'The version lacks its settings: it is damaged.',
      'Run: dsr run, which builds a new version.',
    )
  })
  return /\d{4}-\d{2}-\d{2}/.exec(JSON.stringify(reader.getRowObjectsJson()))?.[0] ?? null
}

function retire(opened: Opened): void {
  opened.isRetired = true
  closeWhenUnused(opened)
}

function closeWhenUnused(opened: Opened): void {
  if (opened.isRetired && opened.users === 0) opened.database.close()
}

async function readWithin<Result>(
  opened: Opened,
  work: (data: VersionData) => Promise<Result>,
  milliseconds: number,
  rowLimit: number,
): Promise<Result> {
  const connection = await opened.database.connect()
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    connection.interrupt()
  }, milliseconds)
  const rows = async (sql: string, parameters: Parameters = {}): Promise<readonly Row[]> => {
    if (isOver) throw new Unavailable('The queries took too long.')
    try {
      const { values, types } = bind(parameters)
      const reader = await connection.runAndReadUntil(sql, rowLimit, values, types)
      if (!reader.done) throw new Unavailable('The answer is too large.')
      return reader.getRowObjectsJson()
    } catch (error) {
      if (error instanceof Unavailable) throw error
      // DuckDB quotes rows in its messages, so neither its text nor its error goes on (security.md DB-06).
      throw isOver ? new Unavailable('The queries took too long.') : new Error('A query failed.')
    }
  }
  try {
    return await work({ id: opened.id, asOf: opened.asOf, rows })
  } finally {
    clearTimeout(timer)
    connection.closeSync()
  }
}

function bind(parameters: Parameters): {
  values: Record<string, DuckDBValue>
  types: Record<string, ReturnType<typeof LIST>>
} {
  const values: Record<string, DuckDBValue> = {}
  const types: Record<string, ReturnType<typeof LIST>> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'object' && value !== null) {
      values[name] = listValue([...value])
      types[name] = LIST(VARCHAR)
    } else values[name] = value
  }
  return { values, types }
}
