import { createHash } from 'node:crypto'
import { blobValue, type DuckDBConnection } from '@duckdb/node-api'

/** SHA-256 works on blocks of 64 bytes; HMAC's two pads are as long (RFC 2104). */
const blockLength = 64

/**
 * Makes a key ready for `hmacSql` on this connection: its two pads become session variables, bound as parameters, so that
 * key bytes stand in no SQL text, log, profile or error (security.md KE-03). Call `forgetHmacKey` when done.
 *
 * @param name lower-case word that names the key on this connection; never anything from data
 */
export async function bindHmacKey(connection: DuckDBConnection, name: string, key: Buffer): Promise<void> {
  await connection.run(`set variable ${name}_ik = $1`, [blobValue(pad(key, 0x36))])
  await connection.run(`set variable ${name}_ok = $1`, [blobValue(pad(key, 0x5c))])
}

/** `duckdb_variables()` shows a variable to its own connection, so a key stays bound no longer than it is used. */
export async function forgetHmacKey(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(`reset variable ${name}_ik`)
  await connection.run(`reset variable ${name}_ok`)
}

/**
 * SQL expression for HMAC-SHA-256 (RFC 4231) of a text expression under a bound key: 64 lower-case hex digits; null for null.
 * HMAC with a secret and not a plain hash: all valid NHS numbers can be hashed in half an hour and the table reversed
 * (security.md F-17).
 */
export function hmacSql(name: string, messageSql: string): string {
  const inner = `sha256(getvariable('${name}_ik') || encode(${messageSql}))`
  return `sha256(getvariable('${name}_ok') || unhex(${inner}))`
}

function pad(key: Buffer, byte: number): Buffer {
  const block = Buffer.alloc(blockLength)
  const short = key.length > blockLength ? createHash('sha256').update(key).digest() : key
  short.copy(block)
  return block.map((value) => value ^ byte) as Buffer
}
