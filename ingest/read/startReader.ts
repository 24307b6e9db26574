import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DsrError } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { readMessage, type ReadMessage, type ReadRequest } from './readRequest.ts'

/** Seconds that a small file may take, and bytes of a larger one that each further second has to bring. */
const leastSeconds = 120
const bytesEachSecond = 100_000
const heapMegabytes = 2048

/** Addresses that the whole process may take, in kilobytes: the heap of JavaScript, DuckDB's memory and all buffers. */
const mostKilobytes = 8_388_608

/**
 * Shell limits that Node cannot set: no file may be written (pipes are none), no core dumped, memory and the processor's
 * time are bounded. A system without one of them does without; the time on the clock holds everywhere.
 */
const limited = `ulimit -f 0; ulimit -c 0; ulimit -v ${mostKilobytes}; ulimit -t "$1"; shift; exec "$@"`

/** The child process that reads one file. */
export interface Reader {
  /** The next message of the kind; rejects with the reason when none comes any more. */
  next<Kind extends ReadMessage['kind']>(kind: Kind): Promise<Extract<ReadMessage, { kind: Kind }>>
  readonly ended: Promise<void>
  stop(): void
}

/**
 * Starts the child on a request: no key and nothing of our environment goes with it, and its folder is empty and its own.
 * @throws DsrError 'input' (from `next`) when it refuses the file, dies, or takes longer than the file's size allows
 */
export function startReader(
  folder: string,
  request: ReadRequest,
  seconds = leastSeconds + Math.ceil(statSync(request.path).size / bytesEachSecond),
): Reader {
  const program = join(projectRoot, 'dist/ingest/read/readProcess.js')
  if (!existsSync(program)) throw new DsrError('input', 'dsr is not built.', 'Run: make build')
  const emptyFolder = join(folder, 'reader')
  mkdirSync(emptyFolder, { recursive: true, mode: 0o700 })
  const child = spawn(
    '/bin/sh',
    ['-c', limited, 'sh', String(seconds), process.execPath, `--max-old-space-size=${heapMegabytes}`, program],
    // What it says on standard error may quote the file, so nobody reads it.
    { cwd: emptyFolder, env: {}, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  child.stdin.on('error', () => undefined)
  child.stdin.end(JSON.stringify(request))
  let isLate = false
  const clock = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, seconds * 1000)
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', (code) => resolve(code))
  })
  const messages = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = exited.then(() => {
    clearTimeout(clock)
    rmSync(emptyFolder, { recursive: true, force: true })
  })
  return {
    async next(kind) {
      const line = await messages.next()
      if (line.done) throw await explainEnd(exited, isLate ? seconds : null)
      const message = readMessage.parse(JSON.parse(line.value))
      if (message.kind === 'refused') throw new DsrError('input', message.what, message.remedy)
      if (message.kind !== kind) throw new Error(`the reader said ${message.kind} where ${kind} was expected`)
      return message as Extract<ReadMessage, { kind: typeof kind }>
    },
    ended,
    stop: () => child.kill('SIGKILL'),
  }
}

/** Why the child is gone without having said so. */
async function explainEnd(exited: Promise<number | null>, lateAfter: number | null): Promise<DsrError> {
  const code = await exited
  if (lateAfter !== null) {
    return new DsrError(
      'input',
      `The file took longer to read than ${lateAfter} seconds and was given up.`,
      'Check that it is the right file; split it, or send it as CSV.',
    )
  }
  return new DsrError(
    'input',
    code === null
      ? 'The file needs more memory or time to read than it may have.'
      : 'The file cannot be read: its inner structure is damaged or unusual.',
    'Open it, save it anew in the same format, and send that; or send it as CSV.',
  )
}
