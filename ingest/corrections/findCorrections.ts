import { closeSync, existsSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Deployment } from '../../store/deployment.ts'
import { holdsJson, type Contract } from '../contract.ts'
import type { WaitingFile } from '../landing/findFiles.ts'
import { markColumn } from './columns.ts'

/** Bytes at the beginning of a file in which our heading stands. */
const beginning = 65_536

/**
 * The files of a feed's folder that bring corrections: they have our column. Their name says nothing, and is not asked to
 * be the one that the contract names: corrections of a workbook are CSV.
 */
export function findCorrections(deployment: Deployment, contract: Contract): readonly WaitingFile[] {
  if (!('folder' in contract.from)) return []
  const folder = resolve(deployment.home, contract.from.folder)
  if (!existsSync(folder)) return []
  const ending = holdsJson(contract) ? /\.(nd)?jsonl?$/i : /\.(csv|txt)$/i
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && ending.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), name: name.replaceAll(/[^\p{L}\p{N}\p{P} ]/gu, '?').slice(0, 200) }))
    .filter(({ path }) => lstatSync(path).isFile() && hasMark(path))
}

function hasMark(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(beginning)
    return bytes.subarray(0, readSync(file, bytes, 0, beginning, 0)).includes(markColumn)
  } finally {
    closeSync(file)
  }
}
