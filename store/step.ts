import type { Settings } from '../register/settings.ts'
import type { Deployment } from './deployment.ts'
import type { KeyName, Keys } from './keys.ts'

/** What a step of a run is given: the deployment, the settings, and just the keys that it needs. */
export interface Step<Name extends KeyName = never> {
  readonly deployment: Deployment
  readonly settings: Settings
  /** The day that counts as today, yyyy-mm-dd. */
  readonly asOf: string
  readonly keys: Keys<Name>
  /** Folder of the version that is being built; nothing reads it before the run has finished. */
  readonly versionFolder: string
  /** One line of progress: names, counts and seconds, never a value from the data. */
  readonly report: (line: string) => void
}
