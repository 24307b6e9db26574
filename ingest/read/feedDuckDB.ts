import type { DuckDBConnection } from '@duckdb/node-api'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, open, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { run } from '../statement.ts'

/**
 * Lets DuckDB read a stream as if it were a file: through a named pipe, so that nothing decoded ever lies on disk.
 * `sql` gets the path of the pipe.
 *
 * Opening a pipe waits for the other end, and a pipe that nobody holds forgets what was written: so we write only once
 * DuckDB has opened it, and where its statement fails before that, we open the other end ourselves to be let go.
 */
export async function feedDuckDB(
  connection: DuckDBConnection,
  folder: string,
  what: string,
  sql: (pipe: string) => string,
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  const pipe = join(folder, `pipe-${randomBytes(8).toString('hex')}`)
  execFileSync('mkfifo', ['-m', '600', pipe])
  try {
    const reading = { isOver: false }
    const read = run(connection, what, sql(pipe)).finally(() => {
      reading.isOver = true
      releaseWriter(pipe)
    })
    const written = writeInto(pipe, chunks, reading)
    const [readResult, writeResult] = await Promise.allSettled([read, written])
    if (writeResult.status === 'rejected') throw writeResult.reason
    if (readResult.status === 'rejected') throw readResult.reason
  } finally {
    rmSync(pipe, { force: true })
  }
}

function releaseWriter(pipe: string): void {
  closeSync(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK))
}

async function writeInto(
  pipe: string,
  chunks: AsyncIterable<Buffer>,
  reading: { readonly isOver: boolean },
): Promise<void> {
  const fd = await promisify(open)(pipe, constants.O_WRONLY)
  const socket = new Socket({ fd, readable: false, writable: true })
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  // A reader that stops early breaks the pipe; its own error says why.
  socket.on('error', () => undefined)
  try {
    for await (const chunk of chunks) {
      if (reading.isOver || socket.destroyed) break
      if (!socket.write(chunk))
        await Promise.race([new Promise<void>((done) => socket.once('drain', () => done())), closed])
    }
  } finally {
    socket.end()
    if (reading.isOver) socket.destroy()
    await closed
  }
}
