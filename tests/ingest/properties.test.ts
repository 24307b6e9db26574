import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractSchema } from '../../ingest/contract.ts'
import { scanCsv, splitRecord } from '../../ingest/read/scanCsv.ts'
import { stageDelivery, type StagedDelivery } from '../../ingest/stage/stageDelivery.ts'
import { DsrError } from '../../register/errors.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { parse } from 'yaml'
import { smallContract, smallHeading, smallLine } from './deployment.ts'

async function scanned(bytes: Buffer, chunk: number, width: number): Promise<{ records: string[][]; counted: number }> {
  const counter = { counted: 0 }
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  const out: Buffer[] = []
  for await (const piece of scanCsv(chunks(), { delimiter: ',', skipRows: 0 }, width, counter)) out.push(piece)
  // Every record of the rewritten stream ends in a line feed outside speech marks.
  const text = Buffer.concat(out).toString('utf8')
  const records: string[][] = []
  let start = 0
  let quotes = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quotes++
    else if (text[at] === '\n' && quotes % 2 === 0) {
      records.push(splitRecord(text.slice(start, at), ','))
      start = at + 1
    }
  }
  return { records, counted: counter.counted }
}

describe('the scanner of CSV', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '1'), maxLength: 6 })
  const table = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 })

  it('gives back any table, however it is cut into chunks and whatever ends its lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, chunk, end, isEnded) => {
          const lines = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          const text = ['x,y,z', ...lines].join(end) + (isEnded ? end : '')
          const { records, counted } = await scanned(Buffer.from(text), chunk, 3)
          expect(counted).toBe(rows.length)
          expect(records.map(([, note, ...cells]) => [note, ...cells])).toEqual(rows.map((row) => ['', ...row]))
        },
      ),
      { numRuns: 300, seed: 1 },
    )
  })

  it('counts as many records as it gives, for any bytes', async () => {
    const bytes = fc
      .array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0x00, 0xe9, 0xc3), { maxLength: 60 })
      .map((list) => Buffer.from(list))
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 20 }), async (body, chunk) => {
        const whole = Buffer.concat([Buffer.from('x,y\n'), body])
        const { records, counted } = await scanned(whole, chunk, 2)
        expect(records.length).toBe(counted)
        for (const record of records) expect(record).toHaveLength(4)
        // Where a chunk ends changes nothing.
        expect(await scanned(whole, 1000, 2)).toEqual({ records, counted })
      }),
      { numRuns: 300, seed: 2 },
    )
  })
})

/** What may come of a file: every record accounted for, or a stop whose message quotes nothing of it. */
function fits(staged: unknown): boolean {
  if (staged instanceof DsrError) return !staged.message.includes('Zquix')
  if (staged instanceof Error) throw staged
  const { tallies } = staged as StagedDelivery
  return tallies.every(
    (tally) => tally.read >= 1 && tally.read === tally.accepted + tally.quarantined + tally.duplicates,
  )
}

describe('any small file, broken anyhow', () => {
  let database: Database
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dsr-property-'))
    database = await openDuckDB({ attach: [] })
  })
  afterAll(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const contract = contractSchema.parse(parse(smallContract))
  const line = fc.record({
    number: fc.integer({ min: 1, max: 4 }),
    colour: fc.constantFrom('red', 'blue', '', 'Zquix'),
    note: fc.constantFrom('', 'one', '"two\nlines"', 'a "b" c', 'x,y', '"open'),
  })
  const damage = fc.record({
    at: fc.nat(2000),
    byte: fc.constantFrom(0x22, 0x2c, 0x0a, 0x00, 0xff, 0x41),
    remove: fc.boolean(),
  })

  it('has read = accepted + quarantined + duplicates, or stops without quoting a value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(damage, { maxLength: 3 }),
        async (rows, damages) => {
          const text = [
            smallHeading,
            ...rows.map(({ number, colour, note }) =>
              smallLine({ No: String(number), Colour: colour, Note: note, Surname: 'Zquixhart' }),
            ),
          ].join('\n')
          let bytes = Buffer.from(text)
          for (const { at, byte, remove } of damages) {
            const place = smallHeading.length + 1 + (at % (bytes.length - smallHeading.length))
            bytes = Buffer.concat([
              bytes.subarray(0, place),
              remove ? Buffer.alloc(0) : Buffer.from([byte]),
              bytes.subarray(place + 1),
            ])
          }
          const path = join(folder, 'a.csv')
          writeFileSync(path, bytes)
          const staged: unknown = await stageDelivery(database.connection, folder, contract, path).catch(
            (error: unknown) => error,
          )
          expect(fits(staged)).toBe(true)
        },
      ),
      { numRuns: 40, seed: 3 },
    )
  }, 240_000)
})
