/** Exit codes of `dsr` and of each step: 0 done, then these. */
export const exitCodes = {
  input: 1,
  bug: 2,
  locked: 3,
  keyMissing: 4,
  keyWrong: 5,
  corrupt: 6,
  leak: 7,
} as const

export type FailureKind = keyof typeof exitCodes

/**
 * An expected failure: a sentence for the person who runs it, without any value from the data, and a remedy.
 * Everything else that is thrown is our bug and keeps its stack.
 */
export class DsrError extends Error {
  readonly kind: FailureKind
  readonly remedy: string

  constructor(kind: FailureKind, message: string, remedy: string) {
    super(message)
    this.name = 'DsrError'
    this.kind = kind
    this.remedy = remedy
  }
}

/** What a person reads when `error` ends a command. A bug's stack is shown only in development: it may quote data. */
export function describeFailure(error: unknown): { readonly exitCode: number; readonly text: string } {
  if (error instanceof DsrError) {
    return { exitCode: exitCodes[error.kind], text: `${error.message}\n${error.remedy}` }
  }
  const system = describeSystemFailure(error)
  if (system !== null) return { exitCode: exitCodes.input, text: system }
  const name = error instanceof Error ? error.name : typeof error
  const stack = error instanceof Error ? callSites(error) : ''
  return {
    exitCode: exitCodes.bug,
    text: `Something went wrong that is our fault (${name}).\nPlease report it with these lines; they hold no data.\n${stack}`,
  }
}

/** What the operating system refuses and only the person at this machine can put right. */
const systemFailures: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that here.\nRun as the user who owns the deployment, or have the folder given to you.',
  EPERM: 'this user may not do that here.\nRun as the user who owns the deployment, or have the folder given to you.',
  EROFS: 'the disk can only be read.\nName a folder on another disk with --home.',
  ENOSPC: 'the disk is full.\nMake room, then run again; nothing that is served has changed.',
  ENOTDIR: 'a file stands where a folder is needed.\nName another folder with --home.',
  EEXIST: 'a file stands where a folder is needed.\nName another folder with --home.',
}

function describeSystemFailure(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null
  const words = systemFailures[String(error.code)]
  if (words === undefined) return null
  return `${'path' in error ? `${String(error.path)}: ` : ''}${words}`
}

/** DuckDB quotes rows in its messages (security.md F-10), so only the call sites of a stack are printed. */
function callSites(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n')
}
