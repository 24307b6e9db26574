import { createReadStream, lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import type { Source } from './source.ts'
import { writeLimited } from './writeLimited.ts'

/** A folder that is mounted on this machine. Links and folders in it are passed over. */
export function folderSource(folder: string): Source {
  return {
    list: () => Promise.resolve(listFolder(folder)),
    async fetch({ name }, { target, limit }) {
      const path = join(folder, name)
      const before = lstatSync(path)
      await writeLimited(createReadStream(path), target, limit)
      if (versionOf(lstatSync(path)) !== versionOf(before)) {
        throw new DsrError('input', 'The file changed while it was copied.', 'Run dsr pull again when it is whole.')
      }
      return versionOf(before)
    },
  }
}

function listFolder(folder: string): Awaited<ReturnType<Source['list']>> {
  let names: readonly string[]
  try {
    names = readdirSync(folder)
  } catch {
    throw new DsrError(
      'input',
      'The folder to pull from is not there or may not be read.',
      'Mount the share, or correct from.pull.folder in the contract.',
    )
  }
  return names.flatMap((name) => {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false })
    return stat?.isFile() ? [{ name, place: name, version: versionOf(stat), bytes: stat.size, sha256: null }] : []
  })
}

function versionOf({ size, mtimeMs }: Stats): string {
  return `${size} ${mtimeMs}`
}
