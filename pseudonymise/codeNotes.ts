import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../store/openDuckDB.ts'
import { codeInThreads, type Found } from './coder/codeInThreads.ts'
import { coderVersion } from './coder/readLexicon.ts'
import { runSql } from './runSql.ts'

/** Notes that are coded (treatments `theme` and `strategy` of the dictionary), with the day they are of. */
const codedFields = [
  { table: 'issues', note: 'note', day: 'noted_date', kind: 'theme', outcome: 'null' },
  { table: 'reviews', note: 'summary', day: 'held_on', kind: 'theme', outcome: 'null' },
  { table: 'strategies', note: 'note', day: 'date', kind: 'strategy', outcome: `nullif(source.outcome, 'unknown')` },
] as const

/**
 * Makes `warehouse.register.coded_notes`: the themes and strategies that the coder finds in notes (domain.md 6a, 6b). Only
 * the code crosses, with where it was found; the words that gave it stay in the identified zone, as places in the note, in
 * `register.main.note_evidence` (design.md 6). What the agency says of a strategy's outcome stands before what the note says.
 * Reads the temporary table `made_pseudonyms`.
 */
export async function codeNotes(connection: DuckDBConnection): Promise<void> {
  await runSql(connection, 'gathering notes', `create or replace temp table notes as ${notesSql}`)
  // The same words are coded once: agencies carry a note forward from review to review.
  await runSql(
    connection,
    'gathering notes',
    'create or replace temp table texts as select row_number() over () as text_id, note from (select distinct note from notes)',
  )
  await runSql(
    connection,
    'gathering notes',
    'create or replace temp table coded_texts (text_id bigint, kind varchar, code varchar, outcome varchar, evidence_from integer, evidence_to integer)',
  )
  await codeTexts(connection)
  await runSql(connection, 'coding notes', codedNotesSql)
  for (const sql of evidenceSql) await runSql(connection, 'keeping the evidence', sql)
  for (const table of ['notes', 'texts', 'coded_texts']) await runSql(connection, 'clearing', `drop table ${table}`)
}

const notesSql = codedFields
  .map(
    ({ table, note, day, kind, outcome }) => `
    select
        '${table}' as from_table, source.row_id as from_row_id, made_pseudonyms.pseudonym,
        source.${quoteName(day)} as noted_on, '${kind}' as kind, ${outcome} as outcome, source.${quoteName(note)} as note
    from register.main.${quoteName(table)} as source
    join made_pseudonyms on made_pseudonyms.person_id = source.person_id
    where source.${quoteName(note)} is not null`,
  )
  .join('\n    union all')

async function codeTexts(connection: DuckDBConnection): Promise<void> {
  const appender = await connection.createAppender('coded_texts')
  await codeInThreads(readTexts(connection), (texts, findings) => {
    texts.forEach(({ id }, index) => {
      for (const found of findings[index] ?? []) appendFound(id, found)
    })
  })
  appender.closeSync()

  function appendFound(id: bigint, { kind, code, outcome, from, to }: Found): void {
    appender.appendBigInt(id)
    appender.appendVarchar(kind)
    appender.appendVarchar(code)
    if (outcome === null) appender.appendNull()
    else appender.appendVarchar(outcome)
    appender.appendInteger(from)
    appender.appendInteger(to)
    appender.endRow()
  }
}

interface Text {
  readonly id: bigint
  readonly text: string
}

const batchSize = 2000

async function* readTexts(connection: DuckDBConnection): AsyncGenerator<readonly Text[]> {
  for (let from = 1; ; from += batchSize) {
    const rows = await runSql(
      connection,
      'reading notes',
      `select text_id, note from texts where text_id between ${from} and ${from + batchSize - 1}`,
    )
    if (rows.length === 0) return
    yield rows.map((row) => ({ id: BigInt(String(row['text_id'])), text: String(row['note']) }))
  }
}

const codedNotesSql = `create table warehouse.register.coded_notes as
select
    row_number() over (order by notes.from_table, notes.from_row_id, notes.kind, coded_texts.code) as row_id,
    notes.pseudonym,
    notes.noted_on,
    notes.kind,
    coded_texts.code,
    'from_text' as coded_from,
    cast(case when notes.kind = 'strategy' then coalesce(notes.outcome, coded_texts.outcome) end as varchar) as outcome,
    notes.from_table,
    notes.from_row_id,
    cast(${coderVersion} as integer) as coder_version
from notes
join texts on texts.note = notes.note
join coded_texts on coded_texts.text_id = texts.text_id and coded_texts.kind = notes.kind`

const evidenceSql = [
  'drop table if exists register.main.note_evidence',
  `create table register.main.note_evidence as
select
    notes.from_table, notes.from_row_id, notes.kind, coded_texts.code, coded_texts.evidence_from, coded_texts.evidence_to
from notes
join texts on texts.note = notes.note
join coded_texts on coded_texts.text_id = texts.text_id and coded_texts.kind = notes.kind
order by all`,
]
