import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { projectRoot } from '../../register/projectRoot.ts'
import type { Finding } from './makeCoder.ts'

/** What was found in a note, without the row of the lexicon. */
export type Found = Omit<Finding, 'row'>

/**
 * Codes batches of notes on every processor and hands each batch with its findings to `take`, one call at a time.
 * @param batches notes with whatever belongs to them; at most one batch a thread is held in memory
 */
export async function codeInThreads<Note extends { readonly text: string }>(
  batches: AsyncIterable<readonly Note[]>,
  take: (notes: readonly Note[], findings: readonly (readonly Found[])[]) => void,
): Promise<void> {
  const program = join(projectRoot, 'dist/pseudonymise/coder/codingThread.js')
  const idle: Worker[] = []
  const workers: Worker[] = []
  // Reading the lexicon takes a second: a thread is begun only when a batch finds the others at work.
  const begin = (): Worker => {
    const worker = new Worker(program)
    workers.push(worker)
    return worker
  }
  const busy = new Set<Promise<void>>()
  const code = async (worker: Worker, notes: readonly Note[]): Promise<void> => {
    worker.postMessage(notes.map(({ text }) => text))
    const [findings] = (await once(worker, 'message')) as [readonly (readonly Found[])[]]
    take(notes, findings)
    idle.push(worker)
  }
  try {
    for await (const notes of batches) {
      while (idle.length === 0 && workers.length === availableParallelism()) await Promise.race(busy)
      const worker = idle.pop() ?? begin()
      const work: Promise<void> = code(worker, notes).finally(() => busy.delete(work))
      busy.add(work)
    }
    await Promise.all(busy)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
