import { describeFailure } from '../register/errors.ts'
import { deploymentAt, readSettings } from '../store/deployment.ts'
import { performStep, type StepMessage, type StepOrder } from './steps.ts'

// Main of a step's child process: one order in over the channel, progress and one result out.
process.umask(0o077)
process.on('disconnect', () => process.exit(1))
process.once('message', (order: StepOrder) => void obey(order))

async function obey(order: StepOrder): Promise<void> {
  try {
    const deployment = deploymentAt(order.home)
    const settings = readSettings(deployment)
    const report = (line: string): void => send({ kind: 'progress', line })
    const base = { deployment, settings, asOf: order.asOf, versionFolder: order.versionFolder, report }
    send({ kind: 'done', result: (await performStep(order, base)) ?? null })
  } catch (error) {
    send({ kind: 'failed', ...describeFailure(error) })
  }
  process.disconnect()
}

function send(message: StepMessage): void {
  process.send?.(message)
}
