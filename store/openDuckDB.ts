import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DsrError } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'

export type Extension = 'httpfs' | 'excel' | 'postgres_scanner'

export interface Attachment {
  readonly path: string
  readonly alias: string
  /** 32 bytes: the file is encrypted with AES-GCM. Absent: a plain file (warehouse, never identified rows). */
  readonly key?: Buffer
  readonly readOnly?: boolean
}

export interface OpenOptions {
  readonly attach: readonly Attachment[]
  readonly extensions?: readonly Extension[]
  /** Folder for spill files, always encrypted; '' (the default) forbids spilling. */
  readonly tempDirectory?: string
  readonly memoryLimit?: string
  readonly threads?: number
  /** After opening, refuse every file, extension and setting (security.md DB-01). */
  readonly lockDown?: boolean
}

export interface Database {
  readonly connection: DuckDBConnection
  /** A further connection to the same instance. */
  connect(): Promise<DuckDBConnection>
  close(): void
}

/**
 * The one place that opens DuckDB. Every connection of an instance has:
 * - `top_n_window_elimination` off: 1.5.5 loses rows of `QUALIFY row_number() … <= k` silently (duckdb#24363);
 * - encrypted spill files, no automatic extensions, unordered inserts;
 * - keys bound as parameters: a literal key would reach logs and error texts (security.md F-05).
 */
export async function openDuckDB(options: OpenOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    disabled_optimizers: 'top_n_window_elimination',
    temp_file_encryption: 'true',
    preserve_insertion_order: 'false',
    temp_directory: options.tempDirectory ?? '',
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    ...(options.threads ? { threads: String(options.threads) } : {}),
  })
  const connection = await instance.connect()
  const close = (): void => {
    connection.closeSync()
    instance.closeSync()
  }
  try {
    for (const extension of options.extensions ?? []) await load(connection, extension)
    for (const attachment of options.attach) await attach(connection, attachment)
    if (options.lockDown) {
      await connection.run('set enable_external_access = false')
      await connection.run('set lock_configuration = true')
    }
  } catch (error) {
    close()
    throw error
  }
  return { connection, connect: () => instance.connect(), close }
}

/** Path of an extension's file inside the Python wheel that carries it, of the same version as DuckDB itself. */
export function extensionFile(extension: Extension): string {
  const libraries = join(projectRoot, '.venv/lib')
  const pythons = existsSync(libraries) ? readdirSync(libraries) : []
  const inside = `site-packages/duckdb_extension_${extension}/extensions`
  for (const folder of pythons.map((python) => join(libraries, python, inside))) {
    const [version] = existsSync(folder) ? readdirSync(folder) : []
    if (version) return join(folder, version, `${extension}.duckdb_extension`)
  }
  throw new DsrError('input', `DuckDB's extension ${extension} is not installed.`, 'Run: make install')
}

async function load(connection: DuckDBConnection, extension: Extension): Promise<void> {
  await connection.run(`load ${quoteText(extensionFile(extension))}`)
}

async function attach(connection: DuckDBConnection, { path, alias, key, readOnly }: Attachment): Promise<void> {
  if (readOnly && !existsSync(path)) {
    throw new DsrError('corrupt', `${path} is missing.`, 'Run: dsr run, which builds a new version.')
  }
  const options = [readOnly ? 'read_only' : '', key ? `encryption_key $key, encryption_cipher 'GCM'` : ''].filter(
    Boolean,
  )
  const plain = !key && !readOnly ? [`storage_version 'v1.4.0'`] : []
  const list = [...options, ...plain].join(', ')
  const sql = `attach ${quoteText(path)} as ${quoteName(alias)}${list ? ` (${list})` : ''}`
  try {
    await connection.run(sql, key ? { key: key.toString('base64') } : undefined)
  } catch (error) {
    throw explainOpening(error, path)
  }
  if (key) await requireEncrypted(connection, alias, path)
}

/** DuckDB's own text may quote data and is dropped; which of the three cases it was is kept. */
function explainOpening(error: unknown, path: string): Error {
  const text = error instanceof Error ? error.message : ''
  if (/wrong encryption key/i.test(text)) {
    return new DsrError(
      'keyWrong',
      `The key does not fit ${path}.`,
      'Put back the key file that belongs to it: without it the file cannot be read.',
    )
  }
  if (/not encrypted|cannot open unencrypted|is encrypted/i.test(text)) {
    return new DsrError('corrupt', `${path} is not encrypted as it should be.`, 'Move the file away and run: dsr run')
  }
  if (/could not set lock/i.test(text)) {
    return new DsrError('locked', `Another process holds ${path}.`, 'Wait until it has finished, then try again.')
  }
  return new DsrError(
    'corrupt',
    `${path} cannot be read: it is damaged or not a DuckDB file.`,
    'Restore it from a backup, or move it away and run: dsr run',
  )
}

async function requireEncrypted(connection: DuckDBConnection, alias: string, path: string): Promise<void> {
  const reader = await connection.runAndReadAll(
    'select encrypted, cipher from duckdb_databases() where database_name = $alias',
    { alias },
  )
  const [row] = reader.getRowObjects()
  if (row?.['encrypted'] !== true || row['cipher'] !== 'GCM') {
    throw new DsrError('corrupt', `${path} is not encrypted with GCM.`, 'Move the file away and run: dsr run')
  }
}

/** An SQL identifier. Names come from the dictionary, from contracts that were checked against the file, or from us. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** An SQL text literal, for the few places where DuckDB takes no parameter (paths, options). Never for data or keys. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** An owner-only folder for spill files, emptied by whoever opened it. */
export function makeTempDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}
