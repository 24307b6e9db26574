import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces a small file so that a reader, or a kill, sees the old or the new one whole (security.md RL-01). */
export function writeFileAtomically(path: string, content: string): void {
  const beside = `${path}.${process.pid}.new`
  writeFileSync(beside, content, { mode: 0o600 })
  syncPath(beside)
  renameSync(beside, path)
  syncPath(dirname(path))
}

/** Renames a finished folder into place. */
export function moveIntoPlace(from: string, to: string): void {
  renameSync(from, to)
  syncPath(dirname(to))
}

/** fsync of a file or a folder. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
