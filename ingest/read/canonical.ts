import { isUtf8 } from 'node:buffer'

const batchBytes = 1 << 20

/**
 * Collects the clean stream that DuckDB reads, a million bytes at a time: UTF-8 without exception, for DuckDB refuses a
 * file with one invalid byte; what is invalid becomes U+FFFD here and is found as such by a check.
 */
export class Canonical {
  #bytes = Buffer.allocUnsafeSlow(2 * batchBytes)
  #length = 0

  get isFull(): boolean {
    return this.#length >= batchBytes
  }

  text(text: string): void {
    this.#room(text.length * 3)
    this.#length += this.#bytes.write(text, this.#length, 'utf8')
  }

  /** Bytes of `source`, below a few hundred one by one: a call of copy costs more than they do. */
  copy(source: Buffer, start: number, end: number): void {
    this.#room(end - start)
    if (end - start > 400) {
      this.#length += source.copy(this.#bytes, this.#length, start, end)
      return
    }
    const bytes = this.#bytes
    let length = this.#length
    for (let at = start; at < end; at++) bytes[length++] = source[at] ?? 0
    this.#length = length
  }

  byte(byte: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = byte
  }

  /** A whole number in decimal digits, without making a string of it. */
  number(number: number): void {
    this.#room(16)
    let digits = 1
    for (let power = 10; power <= number; power *= 10) digits++
    let rest = number
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = (rest / 10) | 0
      this.#bytes[at] = 0x30 + rest - next * 10
      rest = next
    }
    this.#length += digits
  }

  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = Buffer.allocUnsafeSlow(2 * batchBytes)
    this.#length = 0
    return isUtf8(taken) ? taken : Buffer.from(taken.toString('utf8'))
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow((this.#length + bytes) * 2)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** A value between speech marks. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

export function spaceControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, ' ')
}

/** The chunks of a stream, each with whether it is the last. */
export function* withLast(chunks: Iterable<Buffer>): Generator<{ readonly chunk: Buffer; readonly last: boolean }> {
  let held: Buffer | null = null
  for (const chunk of chunks) {
    if (held) yield { chunk: held, last: false }
    held = chunk
  }
  yield { chunk: held ?? Buffer.alloc(0), last: true }
}
