import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../register/projectRoot.ts'

// design.md 3: every step may import register and store; no step imports another; pipeline imports all.
const allowed: Readonly<Record<string, readonly string[]>> = {
  register: ['register'],
  store: ['register', 'store'],
  ingest: ['register', 'store', 'ingest'],
  pseudonymise: ['register', 'store', 'pseudonymise'],
  transform: ['register', 'store', 'transform'],
  publish: ['register', 'store', 'publish'],
  dashboard: ['register', 'store', 'dashboard'],
  demo: ['register', 'store', 'demo'],
  pipeline: ['register', 'store', 'ingest', 'pseudonymise', 'transform', 'publish', 'dashboard', 'demo', 'pipeline'],
}

function sourcesOf(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
}

function importedFolders(file: string, text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => {
    const target = relative(projectRoot, resolve(projectRoot, dirname(file), path))
    return target.split('/')[0] ?? ''
  })
}

describe('imports follow the arrow', () => {
  test.each(Object.keys(allowed))('%s imports only what it may', (folder) => {
    const wrong = sourcesOf(folder).flatMap((file) =>
      importedFolders(file, readFileSync(join(projectRoot, file), 'utf8'))
        .filter((target) => !allowed[folder]?.includes(target))
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('a backward import would be found', () => {
    expect(importedFolders('dashboard/a.ts', `import { ingest } from '../ingest/ingest.ts'`)).toEqual(['ingest'])
  })

  test('only pipeline and store know the key files', () => {
    const users = Object.keys(allowed)
      .filter((folder) => folder !== 'pipeline')
      .flatMap(sourcesOf)
      .filter((file) => file !== 'store/keys.ts' && /\breadKey\b/.test(readFileSync(join(projectRoot, file), 'utf8')))
    expect(users).toEqual([])
  })

  test('one place opens DuckDB', () => {
    const users = [...Object.keys(allowed), 'tests'].flatMap(sourcesOf).filter((file) => {
      return /DuckDBInstance\.(create|fromCache)/.test(readFileSync(join(projectRoot, file), 'utf8'))
    })
    expect(users.filter((file) => file !== 'tests/imports.test.ts')).toEqual(['store/openDuckDB.ts'])
  })
})
