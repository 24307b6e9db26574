import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'

interface Mutation {
  readonly leak: string
  readonly file: string
  readonly search: string
  readonly replacement: string
  readonly test: string
}

const { mutations } = (await import(join(projectRoot, 'tests/mutations/list.mjs'))) as {
  mutations: readonly Mutation[]
}

test('the text that each mutation of `make mutations` replaces stands exactly once in its file', () => {
  const stale = mutations.filter(({ file, search, test: tested }) => {
    const text = readFileSync(join(projectRoot, file), 'utf8')
    return text.split(search).length !== 2 || !existsSync(join(projectRoot, tested))
  })
  expect(mutations.length).toBeGreaterThanOrEqual(40)
  expect(stale.map(({ file, leak }) => `${file}: ${leak}`)).toEqual([])
})

test('each changes something, and no two are alike', () => {
  expect(mutations.filter(({ search, replacement }) => search === replacement)).toEqual([])
  expect(new Set(mutations.map(({ leak }) => leak)).size).toBe(mutations.length)
})
