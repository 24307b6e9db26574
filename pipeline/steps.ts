import { ingest } from '../ingest/ingest.ts'
import type { Acceptance } from '../ingest/landing/refuseDelivery.ts'
import { writeReceipts } from '../ingest/withdrawal/writeReceipts.ts'
import { guardRelease, guardWarehouse } from '../pseudonymise/guard.ts'
import { pseudonymise } from '../pseudonymise/pseudonymise.ts'
import { publish } from '../publish/publish.ts'
import type { KeyName, Keys } from '../store/keys.ts'
import type { Step } from '../store/step.ts'
import { transform } from '../transform/transform.ts'

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

/** In running order. `guard` steps read what the step before wrote and stop the run when anything identifies a person. */
export const steps = {
  ingest: declare(['store'], (step, { knownAt, accept }) =>
    ingest(step, { ...(knownAt && { knownAt }), ...(accept && { accept }) }),
  ),
  pseudonymise: declare(['store', 'pseudonym'], (step) => pseudonymise(step)),
  transform: declare([], (step) => transform(step)),
  'guard-warehouse': declare(['store'], (step) => guardWarehouse(step)),
  receipts: declare(['store'], writeReceipts),
  publish: declare(['manifest'], (step) => publish(step)),
  'guard-release': declare(['store'], (step, { releaseFolder }) => guardRelease(step, releaseFolder)),
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
  /** Of ingest: the register as it was known on this day, yyyy-mm-dd. */
  readonly knownAt?: string
  /** Of ingest: a feed whose waiting files are taken although they look wrong, and why. */
  readonly accept?: Acceptance
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
