import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DsrError } from '../register/errors.ts'
import { deriveKey } from './keys.ts'

const manifestSchema = z.strictObject({
  kind: z.enum(['release', 'version']),
  files: z.record(
    z.string().regex(/^[\w.-]+$/),
    z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  /** HMAC-SHA-256 of the rest, by the manifest key; hex. */
  signature: z.string().regex(/^[0-9a-f]{64}$/),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestKind = Manifest['kind']

const fileName = 'manifest.json'

/** Writes `manifest.json` over every file of a finished folder, signed. The same files and key give the same bytes. */
export function writeManifest(folder: string, kind: ManifestKind, key: Buffer): void {
  const files: Manifest['files'] = {}
  for (const name of filesOf(folder)) files[name] = describeFile(readFileSync(join(folder, name)))
  const manifest = { kind, files, signature: sign(kind, files, key) }
  writeFileSync(join(folder, fileName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
}

/** Reads the manifest without judging it; a folder without one was never finished. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, fileName)
  if (!existsSync(path)) throw damaged(folder, 'has no manifest')
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(path, 'utf8')))
  if (!parsed.success) throw damaged(folder, 'has a manifest that cannot be read')
  return parsed.data
}

/**
 * Checks signature, file list, sizes and digests, for whoever holds the manifest key. Throws `corrupt` at the first
 * difference; a signature that does not fit is `corrupt` too, as a wrong key and a changed manifest look the same.
 */
export function verifyManifest(folder: string, kind: ManifestKind, key: Buffer): Manifest {
  const manifest = readManifest(folder)
  const expected = Buffer.from(sign(manifest.kind, manifest.files, key), 'hex')
  const isSigned = timingSafeEqual(expected, Buffer.from(manifest.signature, 'hex'))
  if (!isSigned || manifest.kind !== kind) throw damaged(folder, 'has a manifest whose signature does not fit')
  checkFileList(folder, manifest)
  for (const name of Object.keys(manifest.files)) {
    // A file's size tells most damage without reading it.
    if (statSync(join(folder, name)).size !== manifest.files[name]?.bytes)
      throw damaged(folder, `holds a changed ${name}`)
    checkBytes(folder, manifest, name, readFileSync(join(folder, name)))
  }
  return manifest
}

/**
 * Reads every file of a folder into memory, each checked against the manifest: the very bytes that were checked are the
 * bytes that are used. It proves wholeness, not origin: that takes the key, which a reader of open figures does not hold. The manifest itself is
 * among the files.
 */
export function readWholeFolder(folder: string): ReadonlyMap<string, Buffer> {
  const manifest = readManifest(folder)
  checkFileList(folder, manifest)
  const contents = new Map<string, Buffer>()
  for (const name of Object.keys(manifest.files)) {
    const bytes = readFileSync(join(folder, name))
    checkBytes(folder, manifest, name, bytes)
    contents.set(name, bytes)
  }
  contents.set(fileName, readFileSync(join(folder, fileName)))
  return contents
}

function checkFileList(folder: string, manifest: Manifest): void {
  const found = filesOf(folder)
  const listed = Object.keys(manifest.files).sort()
  if (found.join('/') !== listed.join('/')) throw damaged(folder, 'does not hold just the files of its manifest')
}

function checkBytes(folder: string, manifest: Manifest, name: string, bytes: Buffer): void {
  if (describeFile(bytes).sha256 !== manifest.files[name]?.sha256) throw damaged(folder, `holds a changed ${name}`)
}

function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== fileName)
    .sort()
}

function describeFile(bytes: Buffer): { readonly bytes: number; readonly sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function sign(kind: ManifestKind, files: Manifest['files'], key: Buffer): string {
  const lines = Object.keys(files)
    .sort()
    .map((name) => `${name} ${files[name]?.bytes} ${files[name]?.sha256}`)
  return createHmac('sha256', deriveKey(key, 'manifest'))
    .update([kind, ...lines].join('\n'))
    .digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function damaged(folder: string, how: string): DsrError {
  return new DsrError('corrupt', `${folder} ${how}.`, 'Restore the folder from a backup, or run: dsr run')
}
