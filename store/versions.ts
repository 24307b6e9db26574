import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DsrError } from '../register/errors.ts'
import { moveIntoPlace, syncPath, writeFileAtomically } from './atomicFile.ts'
import type { Deployment } from './deployment.ts'

const building = '.building'

/** Reads a pointer file (`store/current`, `store/released`); null when nothing has been finished yet. */
export function readPointer(pointer: string): string | null {
  if (!existsSync(pointer)) return null
  const id = readFileSync(pointer, 'utf8').trim()
  if (!/^[\w.-]{1,80}$/.test(id))
    throw new DsrError('corrupt', `${pointer} is damaged.`, 'Run: dsr run, which writes it anew.')
  return id
}

/** Folder of the version that is served, or null before the first finished run. */
export function currentVersion(deployment: Deployment): string | null {
  const id = readPointer(deployment.currentPointer)
  return id === null ? null : join(deployment.versions, id)
}

/** Folder of the release that is served, or null before the first one. */
export function currentRelease(deployment: Deployment): string | null {
  const id = readPointer(deployment.releasedPointer)
  return id === null ? null : join(deployment.releases, id)
}

/** Starts a folder beside the finished ones; nothing reads it until `finishFolder` renames it. */
export function startFolder(parent: string, id: string): string {
  const folder = join(parent, `${id}${building}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** Makes everything in `folder` durable and gives it its final name; a write-ahead log left behind is refused. */
export function finishFolder(folder: string): string {
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.wal')) throw new Error(`unfinished write-ahead log in ${folder}`)
    syncPath(join(folder, file))
  }
  syncPath(folder)
  const final = folder.slice(0, -building.length)
  moveIntoPlace(folder, final)
  return final
}

/** Swings a pointer to a finished folder. */
export function swingPointer(pointer: string, id: string): void {
  writeFileAtomically(pointer, `${id}\n`)
}

/**
 * Removes every version but the one just swung to: a person who withdrew must not live on in an older file
 * (design.md 2, promise 6). Whoever still reads an old file keeps it until closing it.
 */
export function removeOtherVersions(deployment: Deployment, keptId: string): void {
  for (const name of readdirSync(deployment.versions).filter((entry) => entry !== keptId)) {
    rmSync(join(deployment.versions, name), { recursive: true, force: true })
  }
  removeOtherExtracts(deployment, keptId)
}

/** Extracts of external projects go with the version that they were made from, for the same reason. */
function removeOtherExtracts(deployment: Deployment, keptId: string): void {
  if (!existsSync(deployment.extractsOut)) return
  for (const project of readdirSync(deployment.extractsOut)) {
    const folder = join(deployment.extractsOut, project)
    for (const name of readdirSync(folder).filter((entry) => entry !== keptId))
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Removes what a killed run left behind. Only the holder of the deployment's lock may call this. */
export function removeUnfinished(deployment: Deployment): void {
  for (const parent of [deployment.versions, deployment.releases]) {
    if (!existsSync(parent)) continue
    for (const name of readdirSync(parent).filter((entry) => entry.endsWith(building))) {
      rmSync(join(parent, name), { recursive: true, force: true })
    }
  }
  rmSync(deployment.work, { recursive: true, force: true })
  mkdirSync(deployment.work, { recursive: true, mode: 0o700 })
}
