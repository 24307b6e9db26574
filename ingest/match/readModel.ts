import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { projectRoot } from '../../register/projectRoot.ts'

const level = z
  .strictObject({
    label: z.string(),
    /** DuckDB SQL over the columns of a pair (`_l` and `_r`); null: whatever is left. */
    sql: z.string().nullable(),
    m: z.number().gt(0).lt(1).optional(),
    u: z.number().gt(0).lt(1).optional(),
    from: z.enum(['fitted', 'set by hand']).optional(),
  })
  .readonly()

const comparison = z
  .strictObject({
    name: z.string().regex(/^[a-z_]+$/),
    label: z.string(),
    /** The first level is "not recorded": it says nothing. The second is the fullest agreement. */
    levels: z.array(level).min(3).readonly(),
  })
  .readonly()

const modelSchema = z.strictObject({
  made: z.string(),
  prior: z.number().gt(0).lt(1),
  link_weight: z.number(),
  ask_weight: z.number(),
  comparisons: z.array(comparison).readonly(),
})

export type Comparison = z.infer<typeof comparison>
export type Model = Readonly<z.infer<typeof modelSchema>>

/** The fitted comparisons that say how alike two records are (docs/decisions/0004-linkage.md). */
export function readModel(): Model {
  return modelSchema.parse(JSON.parse(readFileSync(join(projectRoot, 'ingest/match/model.json'), 'utf8')))
}

/** What a level adds to a pair's weight, in bits: log2(m / u); 0 where a value is not recorded. */
export function weightOf({ m, u }: Comparison['levels'][number]): number {
  return m === undefined || u === undefined ? 0 : Math.log2(m / u)
}
