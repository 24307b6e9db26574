import type { DuckDBConnection } from '@duckdb/node-api'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../statement.ts'

/** A named pipe that only we can open: nothing decoded ever lies on disk. */
export function makePipe(folder: string): string {
  const pipe = join(folder, `pipe-${randomBytes(8).toString('hex')}`)
  execFileSync('mkfifo', ['-m', '600', pipe])
  return pipe
}

/**
 * Runs a statement that reads a named pipe which another process writes. Opening a pipe waits for the other end: where
 * the writer is gone before it opened its end, we open it ourselves, so that the statement ends.
 * @param writerEnded - settles when nobody will write any more
 */
export async function loadPipe(
  connection: DuckDBConnection,
  what: string,
  sql: string,
  pipe: string,
  writerEnded: Promise<void>,
): Promise<void> {
  let isOver = false
  const loaded = run(connection, what, sql).finally(() => (isOver = true))
  const released = writerEnded.then(async () => {
    while (!isOver) {
      releaseReader(pipe)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
  await loaded
  void released
}

function releaseReader(pipe: string): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (error) {
    // Nobody reads: DuckDB has not opened the pipe yet, or has closed it.
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
  }
}
