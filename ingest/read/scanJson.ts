import type { CheckCode } from '../checks.ts'
import { DsrError } from '../../register/errors.ts'
import { Canonical, spaceControls, withLast } from './canonical.ts'
import { longestRecord, type Counter } from './scanCsv.ts'

/** What quarantine keeps of a record that is too long. */
const keptOfLong = 100_000
/** A record nested deeper than this is nobody's record. */
const deepest = 64

/** Dotted paths of the values and lists that were seen, in the order of their first appearance. */
export interface JsonPaths {
  readonly paths: readonly string[]
  readonly lists: readonly string[]
}

/** One place in the structure of the records; `isValue` and `isList` once one stood there. */
interface Place {
  readonly path: string
  readonly inside: Map<string, Place>
  isValue: boolean
  isList: boolean
}

/** Rewrites JSON records, one to a line: its number, what is wrong with it as a whole, its text without raw tabs. */
export class JsonRecords {
  readonly #out = new Canonical()
  readonly #top: Place = { path: '', inside: new Map(), isValue: false, isList: false }
  readonly #counter: Counter
  readonly #cellCharacters: number

  constructor(counter: Counter, cellCharacters: number) {
    this.#counter = counter
    this.#cellCharacters = cellCharacters
  }

  get isFull(): boolean {
    return this.#out.isFull
  }

  take(): Buffer {
    return this.#out.take()
  }

  /** Takes one record as it stands in the file. `isLong` says that only its beginning was given. */
  add(record: number, text: string, isLong: boolean): void {
    this.#counter.counted++
    if (text.includes('\ufffd')) this.#counter.undecoded++
    const hasControls = /\\u00(?:[01]|7[fF])/.test(text)
    const clean = hasControls ? spaceEscapedControls(text) : text
    const note = isLong ? 'over_long_record' : this.#faultOf(clean)
    const flag = note || (clean === text ? '' : 'control_characters')
    this.#out.text(`${record}\t${flag}\t${spaceControls(clean).replaceAll(/[\t\r\n]/g, ' ')}\n`)
  }

  /** What is null in every record, or a list without any element, has no value that a contract could have missed. */
  get found(): JsonPaths {
    const paths: string[] = []
    const lists: string[] = []
    const walk = (place: Place): void => {
      if (place.isList) lists.push(place.path)
      if (place.isValue && place.path !== '') paths.push(place.path)
      for (const inner of place.inside.values()) walk(inner)
    }
    walk(this.#top)
    return { paths, lists }
  }

  #faultOf(text: string): CheckCode | '' {
    let record: unknown
    try {
      record = JSON.parse(text)
    } catch {
      return 'broken_line'
    }
    if (!isObject(record)) return 'broken_line'
    return this.#note(record, this.#top, 0)
  }

  #note(value: unknown, place: Place, depth: number): CheckCode | '' {
    if (depth > deepest) return 'broken_line'
    if (Array.isArray(value)) {
      place.isList = true
      return this.#firstFault(value, () => place, depth)
    }
    if (isObject(value)) {
      const keys = Object.keys(value)
      return this.#firstFault(
        keys.map((key) => value[key]),
        (index) => insideOf(place, keys[index] ?? ''),
        depth,
      )
    }
    if (value !== null) place.isValue = true
    return typeof value === 'string' && value.length > this.#cellCharacters ? 'over_long_record' : ''
  }

  #firstFault(values: readonly unknown[], placeOf: (index: number) => Place, depth: number): CheckCode | '' {
    let fault: CheckCode | '' = ''
    for (let index = 0; index < values.length; index++) fault ||= this.#note(values[index], placeOf(index), depth + 1)
    return fault
  }
}

function insideOf(place: Place, key: string): Place {
  const known = place.inside.get(key)
  if (known) return known
  const made = {
    path: place.path === '' ? key : `${place.path}.${key}`,
    inside: new Map<string, Place>(),
    isValue: false,
    isList: false,
  }
  place.inside.set(key, made)
  return made
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** An escaped control character is legal JSON; like a raw one it becomes a space. A doubled backslash escapes nothing. */
function spaceEscapedControls(text: string): string {
  return text.replaceAll(/\\(?:u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF])|.)/g, (escape) =>
    escape.length > 2 ? ' ' : escape,
  )
}

const lineFeed = 0x0a

/** The lines of an NDJSON stream, each a record with the number of its line. */
export function* scanLines(chunks: Iterable<Buffer>, cellCharacters: number, records: JsonRecords): Generator<Buffer> {
  const longest = longestRecord(cellCharacters)
  let line = 0
  let rest: Buffer = Buffer.alloc(0)
  let cutting = false
  for (const { chunk, last } of withLast(chunks)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at < bytes.length) {
      const end = bytes.indexOf(lineFeed, at)
      const isLong = (end < 0 ? bytes.length : end) - at > longest
      if (end < 0 && !last && !isLong) break
      const stop = end < 0 ? bytes.length : end
      if (!cutting) line++
      const text = cutting ? '' : bytes.toString('utf8', at, isLong ? at + keptOfLong : stop)
      cutting = end < 0 && !last
      at = end < 0 ? bytes.length : end + 1
      if (text.trim() === '') continue
      records.add(line, text, isLong)
      if (records.isFull) yield records.take()
    }
    rest = bytes.subarray(at)
  }
  yield records.take()
}

const speechMark = 0x22
const backslash = 0x5c
const comma = 0x2c
const opening: Readonly<Record<number, number>> = { 0x7b: 0x7d, 0x5b: 0x5d }

/**
 * The records of one JSON document: the elements of the list at `path` (dotted; '' is the document itself), numbered
 * from 1. A document is whole or it is none: where it is cut off or damaged nothing after that place can be trusted to
 * be a record, so it is refused as a whole.
 * @throws DsrError 'input' where the document is damaged, or has no list there
 */
export function* scanDocument(
  chunks: Iterable<Buffer>,
  path: string,
  cellCharacters: number,
  records: JsonRecords,
): Generator<Buffer> {
  const finder = new ListFinder(path)
  const longest = longestRecord(cellCharacters)
  let count = 0
  let rest: Buffer = Buffer.alloc(0)
  for (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = finder.elementFrom < 0 ? -1 : 0
    for (let at = rest.length; at < bytes.length; at++) {
      const event = finder.read(bytes[at] ?? 0)
      if (event === 'begin') start = at
      if (event !== 'end') continue
      count++
      const text = bytes.toString('utf8', start, at)
      if (text.length > longest) records.add(count, text.slice(0, keptOfLong), true)
      else {
        if (!isJson(text)) throw damagedAt(count)
        records.add(count, text, false)
      }
      start = -1
      if (records.isFull) yield records.take()
    }
    if (start >= 0 && bytes.length - start > 64 * longest) throw damagedAt(count + 1)
    rest = start < 0 ? Buffer.alloc(0) : bytes.subarray(start)
  }
  finder.end(count)
  yield records.take()
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function damagedAt(record: number): DsrError {
  return new DsrError(
    'input',
    `The JSON document is damaged or cut off at record ${record}.`,
    'Ask the agency to send it again.',
  )
}

/** Follows the brackets, keys and marks of a document, byte by byte, and says where the elements of one list stand. */
class ListFinder {
  readonly #path: string
  /** Closing bracket of each open bracket. */
  readonly #open: number[] = []
  /** The key under which each open bracket stands. */
  readonly #keys: string[] = []
  #key = ''
  #isKey = false
  #isText = false
  /** Bytes of the key that is being read. */
  #letters: number[] = []
  #escaped = false
  /** How many brackets are open inside the list; -1 until it is found. */
  #listDepth = -1
  #isDone = false
  #inElement = false

  constructor(path: string) {
    this.#path = path
  }

  get elementFrom(): number {
    return this.#inElement ? 0 : -1
  }

  read(byte: number): 'begin' | 'end' | null {
    const isInList = this.#listDepth >= 0 && !this.#isDone
    if (this.#isText) {
      this.#readText(byte, isInList)
      return null
    }
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return null
    if (isInList && this.#open.length === this.#listDepth) {
      const isClosing = byte === this.#open.at(-1)
      if (isClosing) {
        this.#open.pop()
        this.#keys.pop()
        this.#isDone = true
      }
      if (byte === comma || isClosing) {
        const ends = this.#inElement
        this.#inElement = false
        return ends ? 'end' : null
      }
    }
    const begins = isInList && !this.#inElement
    this.#inElement ||= isInList
    if (byte === speechMark) this.#isText = true
    else this.#readStructure(byte)
    return begins ? 'begin' : null
  }

  #readText(byte: number, isInList: boolean): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash) this.#escaped = true
    else if (byte === speechMark) {
      if (!isInList && this.#isKey) this.#key = Buffer.from(this.#letters).toString('utf8')
      this.#letters = []
      this.#isText = false
      return
    }
    if (!isInList && this.#letters.length < 1000) this.#letters.push(byte)
  }

  #readStructure(byte: number): void {
    const closing = opening[byte]
    if (closing !== undefined) {
      this.#open.push(closing)
      this.#keys.push(this.#isKey ? '' : this.#key)
      const isList = closing === 0x5d
      this.#isKey = !isList
      if (isList && this.#listDepth < 0 && this.#keys.slice(1).join('.') === this.#path) {
        this.#listDepth = this.#open.length
      }
      this.#key = ''
    } else if (byte === this.#open.at(-1)) {
      this.#open.pop()
      this.#keys.pop()
      this.#isKey = false
    } else if (byte === 0x7d || byte === 0x5d) {
      throw this.#damaged()
    } else if (byte === comma) {
      this.#isKey = this.#open.at(-1) === 0x7d
    } else if (byte === 0x3a) this.#isKey = false
  }

  /** The document is over: it has to be whole, and to have held the list. */
  end(count: number): void {
    if (this.#open.length > 0 || this.#isText) throw damagedAt(count + 1)
    if (this.#listDepth < 0) {
      throw new DsrError(
        'input',
        this.#path === ''
          ? 'The JSON document is no list of records.'
          : `The JSON document has no list at ${this.#path}.`,
        'Name the path of the list as read.records in the contract, or use read.format: ndjson for one record a line.',
      )
    }
  }

  #damaged(): DsrError {
    return new DsrError('input', 'The JSON document is damaged.', 'Ask the agency to send it again.')
  }
}
