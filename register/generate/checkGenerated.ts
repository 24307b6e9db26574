import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface GeneratedDifference {
  readonly path: string
  readonly what: 'missing' | 'stale' | 'left over'
}

const stagingFolder = 'transform/models/staging'

/**
 * Compares the committed files under `root` with what the dictionary now says. Also names staging models that no table
 * asks for any more: dbt would go on building them.
 */
export function checkGenerated(files: ReadonlyMap<string, string>, root: string): readonly GeneratedDifference[] {
  const wrong = [...files].flatMap(([path, text]): GeneratedDifference[] => {
    const file = join(root, path)
    if (!existsSync(file)) return [{ path, what: 'missing' }]
    return readFileSync(file, 'utf8') === text ? [] : [{ path, what: 'stale' }]
  })
  return [...wrong, ...leftOver(files, root)]
}

function leftOver(files: ReadonlyMap<string, string>, root: string): readonly GeneratedDifference[] {
  const folder = join(root, stagingFolder)
  const present = existsSync(folder) ? readdirSync(folder).map((name) => `${stagingFolder}/${name}`) : []
  return present.filter((path) => !files.has(path)).map((path) => ({ path, what: 'left over' }))
}

/** Writes what differs and removes what is left over. Returns the paths it touched. */
export function writeGenerated(files: ReadonlyMap<string, string>, root: string): readonly GeneratedDifference[] {
  const differences = checkGenerated(files, root)
  for (const { path, what } of differences) {
    const file = join(root, path)
    if (what === 'left over') {
      rmSync(file)
      continue
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, files.get(path) ?? '')
  }
  return differences
}
