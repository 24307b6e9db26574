import { expect, test } from 'vitest'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { changeRegister, makeRegister, makeStep, readWarehouse } from './makeRegister.ts'

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
  const found = { coded_from: 'from_text', coder_version: 3 }
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
  // In the identified zone it is kept which words gave the code.
  await changeRegister(step, async (connection) => {
    const reader = await connection.runAndReadAll(
      `select code, lower(substr(issues.note, evidence_from + 1, evidence_to - evidence_from)) as words
      from register.note_evidence
      join register.issues on note_evidence.from_table = 'issues' and issues.row_id = note_evidence.from_row_id
      order by code`,
    )
    expect(reader.getRowObjectsJson()).toEqual([
      { code: 'T01', words: 'low mood' },
      { code: 'T07', words: expect.stringContaining('missing') as string },
    ])
  })
})
