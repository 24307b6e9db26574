import type { Acceptance } from '../ingest/landing/refuseDelivery.ts'
import { decodeGeneration, type KeyName, type Keys, type SentGeneration } from '../store/keys.ts'
import type { Step } from '../store/step.ts'

/** A step of a run: the keys that its process is given, and no others (design.md 4), and what it does. */
interface StepDeclaration<Name extends KeyName> {
  readonly keys: readonly Name[]
  readonly perform: (step: Step<Name>, order: StepOrder) => Promise<unknown>
}

function declare<Name extends KeyName>(
  keys: readonly Name[],
  perform: (step: Step<Name>, order: StepOrder) => Promise<unknown>,
): StepDeclaration<Name> {
  return { keys, perform }
}

/**
 * In running order. `guard` steps read what the step before wrote and stop the run when anything identifies a person.
 * Each loads its own code in its own process only: loading all of it took longer than the shorter steps do.
 */
export const steps = {
  ingest: declare(['store'], async (step, { knownAt, accept }) => {
    const { ingest } = await import('../ingest/ingest.ts')
    return ingest(step, { ...(knownAt && { knownAt }), ...(accept && { accept }) })
  }),
  pseudonymise: declare(['store', 'pseudonym'], async (step, { generation }) => {
    const { pseudonymise } = await import('../pseudonymise/pseudonymise.ts')
    return pseudonymise(step, undefined, generation && decodeGeneration(generation))
  }),
  transform: declare([], async (step) => {
    const { transform } = await import('../transform/transform.ts')
    return transform(step)
  }),
  'guard-warehouse': declare(['store'], async (step, { keyVersion }) => {
    const { guardWarehouse } = await import('../pseudonymise/guard.ts')
    return guardWarehouse(step, keyVersion)
  }),
  receipts: declare(['store'], async (step) => {
    const { writeReceipts } = await import('../ingest/withdrawal/writeReceipts.ts')
    return writeReceipts(step)
  }),
  publish: declare(['manifest'], async (step) => {
    const { publish } = await import('../publish/publish.ts')
    return publish(step)
  }),
  extract: declare(['store', 'pseudonym'], async (step, { extract }) => {
    const { makeExtract } = await import('../pseudonymise/extract/makeExtract.ts')
    return makeExtract(step, extract?.project ?? '', extract?.folder ?? '')
  }),
  'guard-release': declare(['store'], async (step, { releaseFolder }) => {
    const { guardRelease } = await import('../pseudonymise/guard.ts')
    return guardRelease(step, releaseFolder)
  }),
} as const

export type StepName = keyof typeof steps

/** What the parent sends to a step's process; keys travel over the channel, never by command line or environment. */
export interface StepOrder {
  readonly name: StepName
  readonly home: string
  readonly asOf: string
  readonly versionFolder: string
  readonly releaseFolder: string
  readonly keys: Partial<Record<KeyName, string>>
  /** With the pseudonym key: what belongs to it. */
  readonly generation?: SentGeneration
  /** Of guard-warehouse: version of the pseudonym key, which each pseudonym must begin with. */
  readonly keyVersion?: number
  /** Of ingest: the register as it was known on this day, yyyy-mm-dd. */
  readonly knownAt?: string
  /** Of ingest: a feed whose waiting files are taken although they look wrong, and why. */
  readonly accept?: Acceptance
  /** Of extract: the project, and the new folder for its files. */
  readonly extract?: ExtractOrder
}

export interface ExtractOrder {
  readonly project: string
  readonly folder: string
}

export type StepMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly text: string }

/** Performs one step inside its own process with the keys of the order. */
export async function performStep(order: StepOrder, base: Omit<Step, 'keys'>): Promise<unknown> {
  const keys = Object.fromEntries(
    Object.entries(order.keys).map(([name, key]) => [name, Buffer.from(key, 'base64')]),
  ) as Keys<KeyName>
  return steps[order.name].perform({ ...base, keys }, order)
}
