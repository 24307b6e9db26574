import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractSchema, type Contract } from '../../ingest/contract.ts'
import { scanCsv, splitRecord } from '../../ingest/read/scanCsv.ts'
import { stageDelivery, type StagedDelivery } from '../../ingest/stage/stageDelivery.ts'
import { DsrError } from '../../register/errors.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { parse } from 'yaml'
import { smallContract, smallHeading, smallLine } from './deployment.ts'
import { rowXml, workbookParts, zipOf } from './zip.ts'

const shape = { delimiter: ',', quote: '"', skipRows: 0, cellCharacters: 100_000 } as const

function scanned(bytes: Buffer, chunk: number, width: number): { records: string[][]; counted: number } {
  const counter = { counted: 0, undecoded: 0 }
  const chunks = function* (): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  const out: Buffer[] = []
  for (const piece of scanCsv(chunks(), shape, width, counter)) out.push(piece)
  // Every record of the rewritten stream ends in a line feed outside speech marks.
  const text = Buffer.concat(out).toString('utf8')
  const records: string[][] = []
  let start = 0
  let quotes = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quotes++
    else if (text[at] === '\n' && quotes % 2 === 0) {
      records.push(splitRecord(text.slice(start, at), shape))
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
          const { records, counted } = scanned(Buffer.from(text), chunk, 3)
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
        const { records, counted } = scanned(whole, chunk, 2)
        expect(records.length).toBe(counted)
        for (const record of records) expect(record).toHaveLength(4)
        // Where a chunk ends changes nothing.
        expect(scanned(whole, 1000, 2)).toEqual({ records, counted })
      }),
      { numRuns: 300, seed: 2 },
    )
  })
})

/** What may come of a file: every record accounted for, or a stop whose message quotes nothing of it. */
function fits(staged: unknown): boolean {
  if (staged instanceof DsrError) return !`${staged.message}${staged.remedy}`.includes('Zquix')
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

  const contractOf = (format: string): Contract => {
    const given = parse(smallContract) as { tables: Record<string, object>; read: object }
    const sheet = format === 'xlsx' ? { sheet: 'People' } : {}
    return contractSchema.parse({
      ...given,
      read: { format },
      tables: Object.fromEntries(Object.entries(given.tables).map(([name, block]) => [name, { ...block, ...sheet }])),
    })
  }

  const headings = smallHeading.split(',')
  const written: Readonly<Record<string, (rows: readonly (readonly string[])[]) => Buffer>> = {
    csv: (rows) =>
      Buffer.from(
        [headings, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n'),
      ),
    ndjson: (rows) => Buffer.from(rows.map((row) => JSON.stringify(objectOf(row))).join('\n')),
    json: (rows) => Buffer.from(JSON.stringify(rows.map(objectOf), null, 1)),
    xlsx: (rows) =>
      zipOf(workbookParts({ People: [headings, ...rows].map((row, index) => rowXml(index + 1, row)).join('') })),
  }
  const objectOf = (row: readonly string[]): object =>
    Object.fromEntries(row.map((cell, at) => [headings[at] ?? '', cell]))

  const line = fc
    .record({
      No: fc.integer({ min: 1, max: 4 }).map(String),
      Colour: fc.constantFrom('red', 'blue', '', 'Zquix'),
      Note: fc.constantFrom('', 'one', 'two\nlines', 'a "b" c', 'x,y', 'é'),
    })
    .map((cells) => smallCells({ ...cells, Surname: 'Zquixhart' }))
  const damage = fc.record({
    at: fc.nat(10_000),
    bytes: fc.oneof(
      fc.constantFrom('"', ',', '\n', '\0', '\xff', 'A', '{', ']', '<', '\\', ''),
      fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    ),
    removed: fc.nat(3),
  })
  const spoil = (bytes: Buffer, from: number, { at, bytes: added, removed }: Damage): Buffer => {
    const place = from + (at % Math.max(1, bytes.length - from))
    return Buffer.concat([bytes.subarray(0, place), Buffer.from(added, 'latin1'), bytes.subarray(place + removed)])
  }

  it.each([
    ['csv', 40],
    ['ndjson', 40],
    ['json', 30],
    ['xlsx', 12],
  ] as const)(
    '%s has read = accepted + quarantined + duplicates, or stops without quoting a value',
    async (format, numRuns) => {
      const contract = contractOf(format)
      await fc.assert(
        fc.asyncProperty(
          fc.array(line, { minLength: 1, maxLength: 6 }),
          fc.array(damage, { maxLength: 3 }),
          fc.option(fc.nat(10_000), { freq: 4 }),
          async (rows, damages, cut) => {
            const sound = written[format]?.(rows) ?? Buffer.alloc(0)
            // A heading that is spoilt stops the file, which would tell little; of the other kinds everything may go.
            const from = format === 'csv' ? sound.indexOf('\n') + 1 : 0
            let bytes = damages.reduce((soFar, each) => spoil(soFar, from, each), sound)
            if (cut !== null) bytes = bytes.subarray(0, from + 1 + (cut % Math.max(1, bytes.length - from)))
            const path = join(folder, 'a')
            writeFileSync(path, bytes)
            const staged: unknown = await stageDelivery(database.connection, folder, contract, path).catch(
              (error: unknown) => error,
            )
            expect(fits(staged)).toBe(true)
            if (format === 'ndjson' && !(staged instanceof DsrError)) {
              const lines = bytes
                .toString('latin1')
                .split('\n')
                .filter((text) => text.trim() !== '')
              expect((staged as StagedDelivery).tallies[0]?.read).toBe(lines.length)
            }
            if (damages.length === 0 && cut === null) {
              expect((staged as StagedDelivery).tallies[0]?.read).toBe(rows.length)
            }
          },
        ),
        { numRuns, seed: 3 },
      )
    },
  )
})

interface Damage {
  readonly at: number
  readonly bytes: string
  readonly removed: number
}

/** The cells of the small file's line, with these instead of the sound ones. */
function smallCells(cells: Readonly<Record<string, string>>): string[] {
  const sound = smallLine().split(',')
  return smallHeading.split(',').map((name, at) => cells[name] ?? sound[at] ?? '')
}
