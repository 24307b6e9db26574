import type { Deployment } from '../store/deployment.ts'

export interface VerbOption {
  readonly type: 'string' | 'boolean'
  readonly meaning: string
}

/** What a verb is called with. */
export interface VerbCall {
  readonly deployment: Deployment
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

/** One verb of the `dsr` command. */
export interface Verb {
  readonly name: string
  readonly summary: string
  readonly example: string
  /** How its plain arguments are called in the help; absent: it takes none. */
  readonly arguments?: string
  readonly options: Readonly<Record<string, VerbOption>>
  readonly perform: (call: VerbCall) => Promise<void>
}

/** Output that a program reads, asked for by `--json`. */
export const jsonOption = { json: { type: 'boolean', meaning: 'print JSON for a program to read' } } as const

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}
