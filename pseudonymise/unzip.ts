import { inflateRawSync } from 'node:zlib'

interface Entry {
  readonly name: string
  readonly bytes: Buffer
}

/** No file of a release or of dbt is near this; a zip that unpacks to more is refused by the inflating itself. */
const mostBytes = 512 * 1024 * 1024

/** Every file of a zip archive, found by its directory at the end: names and sizes in front of the files may be missing. */
export function unzip(bytes: Buffer): readonly Entry[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (end < 0) throw new Error('a zip archive has no directory')
  let at = bytes.readUInt32LE(end + 16)
  return Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)]
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString('utf8')
    const header = bytes.readUInt32LE(at + 42)
    const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28)
    const content = bytes.subarray(start, start + packed)
    at += 46 + nameLength + extra + comment
    return { name, bytes: method === 0 ? content : inflateRawSync(content, { maxOutputLength: mostBytes }) }
  })
}
