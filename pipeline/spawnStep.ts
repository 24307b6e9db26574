import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Acceptance } from '../ingest/landing/refuseDelivery.ts'
import { exitCodes } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'
import type { Deployment } from '../store/deployment.ts'
import { encodeGeneration, readGeneration, readKey, type KeyName } from '../store/keys.ts'
import { steps, type ExtractOrder, type StepMessage, type StepName, type StepOrder } from './steps.ts'

/** A step's own process ended badly; `exitCode` and text are already those for the person who runs it. */
export class StepFailure extends Error {
  readonly exitCode: number

  constructor(exitCode: number, text: string) {
    super(text)
    this.name = 'StepFailure'
    this.exitCode = exitCode
  }
}

export interface StepPlace {
  readonly deployment: Deployment
  readonly asOf: string
  readonly versionFolder: string
  readonly releaseFolder: string
  readonly knownAt?: string
  readonly accept?: Acceptance
  readonly extract?: ExtractOrder
}

/** Runs one step in a child process that holds that step's keys and nothing else of `secrets/`. */
export async function spawnStep(name: StepName, place: StepPlace, report: (line: string) => void): Promise<unknown> {
  const { deployment, ...rest } = place
  const needed: readonly KeyName[] = steps[name].keys
  const keys = Object.fromEntries(needed.map((key) => [key, readKey(deployment, key).toString('base64')]))
  const order: StepOrder = { name, home: deployment.home, ...rest, keys, ...generationFor(name, deployment, needed) }
  const child = fork(join(projectRoot, 'dist/pipeline/stepProcess.js'), {
    env: bareEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send(order)
  return new Promise((resolve, reject) => {
    let outcome: StepMessage | undefined
    child.on('message', (message: StepMessage) => {
      if (message.kind === 'progress') report(message.line)
      else outcome = message
    })
    child.on('exit', (_code, signal) => {
      if (outcome?.kind === 'done') resolve(outcome.result)
      else if (outcome?.kind === 'failed') reject(new StepFailure(outcome.exitCode, outcome.text))
      else
        reject(
          new StepFailure(
            exitCodes.bug,
            `The step ${name} was stopped${signal ? ` by ${signal}` : ''}. The version before it is still served.\nRun it again: dsr run`,
          ),
        )
    })
  })
}

/** The guard is told the version of the pseudonym key, and no key. */
function generationFor(
  name: StepName,
  deployment: Deployment,
  needed: readonly KeyName[],
): Pick<StepOrder, 'generation' | 'keyVersion'> {
  if (needed.includes('pseudonym')) return { generation: encodeGeneration(readGeneration(deployment)) }
  return name === 'guard-warehouse' ? { keyVersion: readGeneration(deployment).version } : {}
}

/** Nothing of the caller's environment but what a program needs to start. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env
  return { PATH, HOME, LANG, TZ: 'Europe/London' }
}
