import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName, quoteText } from '../store/openDuckDB.ts'
import { cueRules, type Cue } from './cues.ts'
import { coderVersion, readLexicon, type LexiconEntry } from './readLexicon.ts'
import { runSql } from './runSql.ts'

/** Notes that are coded (treatments `theme` and `strategy` of the dictionary), with the day they are of. */
const codedFields = [
  { table: 'issues', note: 'note', day: 'noted_date', kind: 'theme', outcome: 'null' },
  { table: 'reviews', note: 'summary', day: 'held_on', kind: 'theme', outcome: 'null' },
  { table: 'strategies', note: 'note', day: 'date', kind: 'strategy', outcome: `coalesce(source.outcome, 'unknown')` },
] as const

/**
 * Makes `warehouse.register.coded_notes`: the themes and strategies that the lexicon finds in notes. The notes and the
 * phrase that was found stay in the identified zone; only the code crosses, with where it was found (design.md 6).
 * Reads the temporary table `made_pseudonyms`.
 */
export async function codeNotes(connection: DuckDBConnection): Promise<void> {
  const notes = codedFields.map(
    ({ table, note, day, kind, outcome }) => `
    select
        '${table}' as from_table, source.row_id as from_row_id, made_pseudonyms.pseudonym,
        source.${quoteName(day)} as noted_on, '${kind}' as kind, ${outcome} as outcome, source.${quoteName(note)} as note
    from register.main.${quoteName(table)} as source
    join made_pseudonyms on made_pseudonyms.person_id = source.person_id
    where source.${quoteName(note)} is not null`,
  )
  await runSql(
    connection,
    'coding notes',
    `create table warehouse.register.coded_notes as
with

notes as (${notes.join('\n    union all')}
),

-- The same words are coded once: agencies carry a note forward from review to review.
texts as (select distinct kind, note from notes),

${codedTextsSql('texts')}

select
    row_number() over (order by notes.from_table, notes.from_row_id, notes.kind, coded_texts.code) as row_id,
    notes.pseudonym,
    notes.noted_on,
    notes.kind,
    coded_texts.code,
    'from_text' as coded_from,
    cast(notes.outcome as varchar) as outcome,
    notes.from_table,
    notes.from_row_id,
    cast(${coderVersion} as integer) as coder_version
from notes
join coded_texts on coded_texts.kind = notes.kind and coded_texts.note = notes.note`,
  )
}

/**
 * Named steps of a query, the last of them `coded_texts(kind, note, code)`, over a relation with columns kind and note.
 * For each set of cues that cancels some phrase, the text without what those cues reach; then one pattern per code.
 */
export function codedTextsSql(relation: string, lexicon: readonly LexiconEntry[] = readLexicon()): string {
  const groups = groupEntries(lexicon)
  const variants = [...new Set(groups.map((group) => group.variant))]
  const texts = variants.map((variant) => `${textWithout(variant)} as ${variantName(variant)}`)
  const codes = (kind: LexiconEntry['kind']): string =>
    groups
      .filter((group) => group.kind === kind)
      .map((group) => {
        const pattern = quoteText(group.patterns.join('|'))
        return `case when regexp_matches(${variantName(group.variant)}, ${pattern}) then '${group.code}' end`
      })
      .join(',\n            ')
  return `plain_texts as (select kind, note, lower(replace(note, '’', '''')) as words from ${relation}),

texts_without_cues as (
    select kind, note, ${texts.join(',\n        ')}
    from plain_texts
),

codes_of_texts as (
    select kind, note, unnest(list_distinct(case kind
        when 'theme' then [
            ${codes('theme')}]
        else [
            ${codes('strategy')}]
        end)) as code
    from texts_without_cues
),

coded_texts as (select kind, note, code from codes_of_texts where code is not null)`
}

interface Group {
  readonly kind: LexiconEntry['kind']
  readonly code: string
  /** Names of the cues whose reach is taken out, joined; '' for none. */
  readonly variant: string
  readonly patterns: readonly string[]
}

/** Patterns are constants of the SQL, one for a code and a set of cues: DuckDB compiles each once, not for each row. */
function groupEntries(lexicon: readonly LexiconEntry[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const { kind, code, pattern, cancelledBy } of lexicon) {
    const variant = cancelledBy.join('_')
    const key = `${code} ${variant}`
    const known = groups.get(key)
    groups.set(key, { kind, code, variant, patterns: [...(known?.patterns ?? []), pattern] })
  }
  return [...groups.values()]
}

function variantName(variant: string): string {
  return quoteName(`words_without_${variant || 'nothing'}`)
}

function textWithout(variant: string): string {
  const left = variant.split('_') as Cue[]
  return cueRules
    .filter((rule) => left.includes(rule.name))
    .reduce((text, rule) => `regexp_replace(${text}, ${quoteText(rule.reach)}, ' ', 'g')`, 'words')
}
