import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectRoot } from '../../register/projectRoot.ts'
import type { FeedName } from '../world/person.ts'

/** The contracts of the demo's agencies: copied into each demo deployment, and read here for the agencies' words. */
export function sourceFile(feed: FeedName): string {
  return join(projectRoot, 'demo/sources', `${feed}.yml`)
}

/**
 * An agency's words for our codes, the contract's translations turned round: one declaration serves the writer of the
 * file and its reader. Where several words stand for one code, `turn` picks among them.
 */
export interface Labels {
  /** Empty for no code. Throws for a code for which the agency has no word: the demo would lose it silently. */
  of(table: string, field: string, code: string | null, turn?: number): string
  has(table: string, field: string, code: string): boolean
}

const blockSchema = z.object({ fields: z.record(z.string(), z.unknown()) })
const contractSchema = z.object({ tables: z.record(z.string(), z.union([blockSchema, z.array(blockSchema)])) })
const translatedSchema = z.object({
  codes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})

export function readLabels(feed: FeedName): Labels {
  const { tables } = contractSchema.parse(parse(readFileSync(sourceFile(feed), 'utf8')))
  const words = new Map<string, Map<string, string[]>>()
  for (const [table, blocks] of Object.entries(tables)) {
    for (const { fields } of Array.isArray(blocks) ? blocks : [blocks]) {
      for (const [field, mapping] of Object.entries(fields)) {
        const translated = translatedSchema.safeParse(mapping)
        if (translated.success && !words.has(`${table}.${field}`))
          words.set(`${table}.${field}`, turnRound(translated.data.codes))
      }
    }
  }
  return {
    has: (table, field, code) => words.get(`${table}.${field}`)?.has(code) ?? false,
    of(table, field, code, turn = 0) {
      if (code === null) return ''
      const found = words.get(`${table}.${field}`)?.get(code)
      const word = found?.[turn % found.length]
      if (word === undefined) throw new Error(`${feed}: no word for ${table}.${field} ${code}`)
      return word
    },
  }
}

function turnRound(codes: Readonly<Record<string, string | number | boolean | null>>): Map<string, string[]> {
  const words = new Map<string, string[]>()
  for (const [word, code] of Object.entries(codes)) {
    if (code === null) continue
    words.set(String(code), [...(words.get(String(code)) ?? []), word])
  }
  return words
}
