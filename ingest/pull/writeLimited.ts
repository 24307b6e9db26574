import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { tooLarge } from './source.ts'

/** Writes a stream into a new owner-only file and gives its bytes; stops at the first byte over the limit. */
export async function writeLimited(stream: Readable, target: string, limit: number): Promise<number> {
  let bytes = 0
  await pipeline(
    stream,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > limit) throw tooLarge(limit)
        yield chunk
      }
    },
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
  )
  return bytes
}
