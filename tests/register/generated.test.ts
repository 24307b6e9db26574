import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { checkGenerated, writeGenerated } from '../../register/generate/checkGenerated.ts'
import { generatedFiles } from '../../register/generate/generatedFiles.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { pseudonymisedTables } from '../../register/pseudonymisedColumns.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { referenceTables } from '../../register/referenceTables.ts'

const files = generatedFiles(readDictionary())
const models = [...files].filter(([path]) => path.endsWith('.sql'))
const ratings = 'transform/models/staging/stg_register__ratings.sql'

describe('generated files', () => {
  it('are current in the project', () => {
    expect(checkGenerated(files, projectRoot)).toEqual([])
  })

  it('hold a staging model for each table that dbt reads', () => {
    expect(models).toHaveLength(pseudonymisedTables(readDictionary()).length + referenceTables.length)
  })

  it.each(models)('%s names its grain and each column, and tests its key', (path, sql) => {
    expect(sql).toMatch(/^-- One row per \S/)
    expect(sql).not.toContain('*')
    const yml = files.get(path.replace('.sql', '.yml'))
    expect(yml).toMatch(/description: '?One row per /)
    expect(yml).toContain('enforced: true')
    expect(yml).toContain('- unique')
    expect(yml).toContain('- not_null')
  })

  it('follow the dictionary: a field that is dropped leaves its models', () => {
    const without = readDictionary().map((table) => ({
      ...table,
      fields: table.fields.map((field) => (field.name === 'score' ? { ...field, treatment: 'drop' as const } : field)),
    }))
    expect(files.get(ratings)).toContain('score')
    expect(generatedFiles(without).get(ratings)).not.toContain('score')
  })

  describe('in a copy of the project', () => {
    let root = ''

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'dsr-generated-'))
      for (const path of files.keys()) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        cpSync(join(projectRoot, path), join(root, path))
      }
      return () => rmSync(root, { recursive: true })
    })

    it('a stale generated file fails', () => {
      appendFileSync(join(root, ratings), '-- a hand was here\n')
      expect(checkGenerated(files, root)).toEqual([{ path: ratings, what: 'stale' }])
    })

    it('a missing generated file fails', () => {
      rmSync(join(root, 'docs/dictionary.md'))
      expect(checkGenerated(files, root)).toEqual([{ path: 'docs/dictionary.md', what: 'missing' }])
    })

    it('a staging model that no table asks for fails', () => {
      const path = 'transform/models/staging/stg_register__forgotten.sql'
      writeFileSync(join(root, path), 'select 1 as one\n')
      expect(checkGenerated(files, root)).toEqual([{ path, what: 'left over' }])
    })

    it('writing puts all three right', () => {
      appendFileSync(join(root, ratings), '-- a hand was here\n')
      rmSync(join(root, 'docs/settings.md'))
      writeFileSync(join(root, 'transform/models/staging/stg_register__forgotten.sql'), 'select 1 as one\n')
      expect(writeGenerated(files, root)).toHaveLength(3)
      expect(checkGenerated(files, root)).toEqual([])
    })
  })
})
