import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from '../../store/deployment.ts'
import { mark } from './writeContract.ts'

/** How many lines of each contract somebody has still to look at; contracts without any are left out. */
export function countMarks(deployment: Deployment): readonly { readonly contract: string; readonly marks: number }[] {
  if (!existsSync(deployment.sources)) return []
  return readdirSync(deployment.sources)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => ({
      contract: `sources/${file}`,
      marks: marksIn(readFileSync(join(deployment.sources, file), 'utf8')),
    }))
    .filter(({ marks }) => marks > 0)
}

/** A mark counts at the end of a line; the comment at the top of a draft, which explains it, does not. */
export function marksIn(yaml: string): number {
  return yaml.split('\n').filter((line) => !line.trimStart().startsWith('#') && line.includes(` ${mark} `)).length
}
