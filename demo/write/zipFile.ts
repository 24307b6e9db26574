import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'

/** A member of a zip file whose compressed bytes lie in a file of their own. */
export interface ZipMember {
  readonly name: string
  readonly compressedPath: string
  readonly compressedSize: number
  readonly size: number
  readonly crc: number
}

/** 1 January 2026, 00:00, in the form of a zip: one date for every member makes the same content the same bytes. */
const fixedTime = 0
const fixedDate = ((2026 - 1980) << 9) | (1 << 5) | 1

/** Puts deflated members together as one zip file (APPNOTE.TXT 4.3; no zip64, so nothing beyond 4 GB). */
export async function writeZip(path: string, members: readonly ZipMember[]): Promise<void> {
  const file = openSync(path, 'w', 0o600)
  const directory: Buffer[] = []
  let offset = 0
  const write = (bytes: Buffer): void => {
    offset += writeSync(file, bytes)
  }
  try {
    for (const member of members) {
      const start = offset
      const name = Buffer.from(member.name)
      const common = commonHeader(member, name.length)
      write(Buffer.concat([fourBytes(0x04034b50), common, name]))
      for await (const chunk of createReadStream(member.compressedPath)) write(Buffer.from(chunk as Uint8Array))
      const rest = Buffer.alloc(14)
      rest.writeUInt32LE(start, 10)
      directory.push(fourBytes(0x02014b50), twoBytes(20), common, rest, name)
    }
    const central = Buffer.concat(directory)
    const end = Buffer.alloc(18)
    end.writeUInt16LE(members.length, 4)
    end.writeUInt16LE(members.length, 6)
    end.writeUInt32LE(central.length, 8)
    end.writeUInt32LE(offset, 12)
    write(Buffer.concat([central, fourBytes(0x06054b50), end]))
  } finally {
    closeSync(file)
  }
}

/** Version, flags (UTF-8 names), method (deflate), date, checksum, sizes, lengths: the same in both places. */
function commonHeader(member: ZipMember, nameLength: number): Buffer {
  const header = Buffer.alloc(26)
  header.writeUInt16LE(20, 0)
  header.writeUInt16LE(0x0800, 2)
  header.writeUInt16LE(8, 4)
  header.writeUInt16LE(fixedTime, 6)
  header.writeUInt16LE(fixedDate, 8)
  header.writeUInt32LE(member.crc, 10)
  header.writeUInt32LE(member.compressedSize, 14)
  header.writeUInt32LE(member.size, 18)
  header.writeUInt16LE(nameLength, 22)
  return header
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}

function twoBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value, 0)
  return bytes
}
