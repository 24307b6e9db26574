import { z } from 'zod'
import type { Contract, Limits } from '../contract.ts'

/** What the child process is asked to read: one file by its contract. It is sent to its standard input. */
export interface ReadRequest {
  readonly path: string
  readonly read: Contract['read']
  readonly limits: Limits
  /** Sheets to read, in order, with the rows above their heading; one nameless sheet where there are none. */
  readonly sheets: readonly {
    readonly name: string
    readonly skipRows: number
    /** Columns that have to be there (postgres). */
    readonly columns?: readonly string[]
  }[]
  /** Columns that are not asked for (postgres). */
  readonly ignore?: readonly string[]
  /** A named pipe for each sheet. */
  readonly pipes: readonly string[]
}

/**
 * What the child says on its standard output, one JSON text a line. The child has read bytes from outside, so its words
 * are checked like any other's.
 */
export const readMessage = z.discriminatedUnion('kind', [
  /** A sheet is about to come through its pipe, with this many cells a record. */
  z.strictObject({ kind: z.literal('begin'), width: z.int().min(1).max(16_384) }),
  z.strictObject({
    kind: z.literal('end'),
    counted: z.int().min(0),
    headings: z.array(z.string()).max(1_000_000).readonly(),
    lists: z.array(z.string()).max(1_000_000).readonly(),
    /** Columns with formulas whose result the workbook does not hold, with the first row of each. */
    formulas: z.array(z.strictObject({ column: z.int(), row: z.int() })),
  }),
  z.strictObject({ kind: z.literal('refused'), what: z.string().max(2000), remedy: z.string().max(2000) }),
])
export type ReadMessage = z.infer<typeof readMessage>
