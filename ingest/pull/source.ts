import { DsrError } from '../../register/errors.ts'

/** A file that a source offers. */
export interface RemoteFile {
  /** What the source calls it; never used as a path of ours. */
  readonly name: string
  /** What tells it from other files of the source. */
  readonly place: string
  /** Its size and time, where the source tells them beforehand; null where only asking for it shows whether it is new. */
  readonly version: string | null
  readonly bytes: number | null
  /** SHA-256 in hexadecimal, where the source gives one. */
  readonly sha256: string | null
}

/** How a file is fetched: into a file that does not exist yet, in a folder of ours, and no more bytes than the limit. */
export interface FetchOrder {
  readonly folder: string
  readonly target: string
  readonly limit: number
  /** The version that was fetched last; undefined for the first time. */
  readonly known: string | undefined
}

export interface Source {
  /** @throws DsrError 'input' when the source cannot be asked */
  list(): Promise<readonly RemoteFile[]>
  /**
   * The version that has been fetched, or null where it is still the known one and nothing was written.
   * @throws DsrError 'input' when it did not come whole
   */
  fetch(file: RemoteFile, order: FetchOrder): Promise<string | null>
}

export function tooLarge(limit: number): DsrError {
  return new DsrError(
    'input',
    `The file is larger than ${limit} bytes.`,
    'Check that it is the right file; where it is, raise limits: { file_bytes: … } in the contract.',
  )
}

export function brokenOff(): DsrError {
  return new DsrError(
    'input',
    'The connection broke before the whole file had come.',
    'Nothing of it was kept. Run dsr pull again.',
  )
}
