import { describe, expect, test } from 'vitest'
import { codedTextsSql } from '../../pseudonymise/codeNotes.ts'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { readLexicon } from '../../pseudonymise/readLexicon.ts'
import { readCodes } from '../../register/readCodes.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { makeRegister, makeStep, readWarehouse } from './makeRegister.ts'

/** Codes of each note, sorted, in the order of the notes. */
async function codesOf(kind: 'theme' | 'strategy', notes: readonly string[]): Promise<string[][]> {
  const database = await openDuckDB({ attach: [] })
  try {
    await database.connection.run('create table notes (kind varchar, note varchar)')
    for (const note of notes) await database.connection.run('insert into notes values ($1, $2)', [kind, note])
    const sql = `with texts as (select distinct kind, note from notes), ${codedTextsSql('texts')} select note, code from coded_texts`
    const rows = (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
    return notes.map((note) =>
      rows
        .filter((row) => row['note'] === note)
        .map((row) => String(row['code']))
        .sort(),
    )
  } finally {
    database.close()
  }
}

describe('the lexicon', () => {
  test('each entry finds its code in its own example', async () => {
    for (const kind of ['theme', 'strategy'] as const) {
      const entries = readLexicon().filter((entry) => entry.kind === kind)
      const found = await codesOf(
        kind,
        entries.map((entry) => entry.example),
      )
      const missed = entries.filter((entry, index) => !found[index]?.includes(entry.code))
      expect(missed.map((entry) => `${entry.code}: ${entry.example}`)).toEqual([])
    }
  })

  test('each entry finds its example by itself', async () => {
    const missed = readLexicon().filter((entry) => !new RegExp(entry.pattern).test(entry.example.toLowerCase()))
    expect(missed.map((entry) => `${entry.code}: ${entry.example}`)).toEqual([])
  })

  test('every theme and strategy but the rest classes has phrases', () => {
    const codes = new Set(readLexicon().map((entry) => entry.code))
    const missing = [...readCodes('themes'), ...readCodes('strategies')].filter(
      ({ code }) => !codes.has(code) && !code.endsWith('99'),
    )
    expect(missing).toEqual([])
  })
})

describe('what does not hold now for this person is not coded', () => {
  test.each([
    ['denied', 'No self-harm since March.', []],
    ['denied', 'Denies any suicidal thoughts.', []],
    ['denied, then affirmed', 'No self-harm but he hit staff on Friday.', ['T04']],
    ['over', 'Aged 12 she ran away from home.', []],
    ['over', 'He used to smoke cannabis. Low mood now.', ['T01']],
    ['another person', "His sister's overdose upset everyone.", []],
    ['another person', 'Another resident assaulted the cook.', []],
    ['only feared', 'If he runs away again we will meet.', []],
    ['a phrase that says no itself', 'He is not eating.', ['T20']],
    ['a family that cannot go on', 'Mum is exhausted.', ['T09']],
    ['an admission however long ago', 'Previously a third admission in 2019.', ['T16']],
    ['another person', 'Ben in the next flat took an overdose; he is shaken.', []],
    ['an apostrophe between words', 'Provider gave 28 days’ notice.', ['T08']],
    ['a curly apostrophe', 'She won’t open the door to anyone.', ['T32']],
    ['nothing', 'A good month.', []],
  ])('%s: %s', async (_, note, codes) => {
    expect(await codesOf('theme', [note])).toEqual([codes])
  })
})

test('codes cross with their day, place and coder version, and the words stay behind', async () => {
  const step = makeStep()
  await makeRegister(step, {
    people: [{ person_id: 'ada', nhs_number: '9990000026' }],
    rows: {
      issues: [{ person_id: 'ada', noted_date: '2026-09-01', note: 'Low mood. Went missing on Friday.' }],
      reviews: [{ person_id: 'ada', held_on: '2026-09-08', kind: 'dsr', summary: 'Low mood, no longer in crisis' }],
      strategies: [
        { person_id: 'ada', date: '2026-09-09', note: 'PBS plan and respite', outcome: 'helped' },
        { person_id: 'ada', date: '2026-09-10', note: 'A crisis plan on the fridge' },
      ],
    },
  })
  await pseudonymise(step)
  const rows = await readWarehouse(
    step,
    `select row_id::integer as row_id, noted_on, kind, code, coded_from, outcome, from_table, from_row_id::integer as from_row_id, coder_version
    from warehouse.register.coded_notes order by row_id`,
  )
  const found = { coded_from: 'from_text', coder_version: 1 }
  expect(rows).toEqual([
    {
      row_id: 1,
      noted_on: '2026-09-01',
      kind: 'theme',
      code: 'T01',
      outcome: null,
      from_table: 'issues',
      from_row_id: 1,
      ...found,
    },
    {
      row_id: 2,
      noted_on: '2026-09-01',
      kind: 'theme',
      code: 'T07',
      outcome: null,
      from_table: 'issues',
      from_row_id: 1,
      ...found,
    },
    {
      row_id: 3,
      noted_on: '2026-09-08',
      kind: 'theme',
      code: 'T01',
      outcome: null,
      from_table: 'reviews',
      from_row_id: 1,
      ...found,
    },
    {
      row_id: 4,
      noted_on: '2026-09-09',
      kind: 'strategy',
      code: 'P01',
      outcome: 'helped',
      from_table: 'strategies',
      from_row_id: 1,
      ...found,
    },
    {
      row_id: 5,
      noted_on: '2026-09-09',
      kind: 'strategy',
      code: 'P09',
      outcome: 'helped',
      from_table: 'strategies',
      from_row_id: 1,
      ...found,
    },
    {
      row_id: 6,
      noted_on: '2026-09-10',
      kind: 'strategy',
      code: 'P14',
      outcome: 'unknown',
      from_table: 'strategies',
      from_row_id: 2,
      ...found,
    },
  ])
})
