import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteText } from '../../store/openDuckDB.ts'
import { numberIn, query, textIn } from '../statement.ts'

/** Ways of writing a date that are tried, the likelier first where several fit alike. */
export const dateForms = [
  '%d/%m/%Y',
  '%d/%m/%y',
  '%d-%m-%Y',
  '%d.%m.%Y',
  '%d.%m.%y',
  '%d %b %Y',
  '%d %B %Y',
  '%d-%b-%Y',
  '%d-%b-%y',
  '%d %b %y',
  '%d/%b/%Y',
  '%a %d %b %Y',
  '%b %d, %Y',
  '%B %d, %Y',
  '%Y/%m/%d',
  '%Y%m%d',
  '%d/%m/%Y %H:%M',
  '%d/%m/%Y %H:%M:%S',
  '%d-%m-%Y %H:%M',
  '%d-%b-%Y %H:%M',
  '%d %b %Y %H:%M',
  '%d.%m.%Y %H:%M',
  '%m/%d/%Y',
  '%m/%d/%y',
  '%m-%d-%Y',
] as const

/** What the values of a column look like; shares are of the filled cells. Its words stay in memory until one is a code. */
export interface Profile {
  readonly filled: number
  readonly distinct: number
  readonly longest: number
  readonly average: number
  readonly shares: Readonly<Record<Kind, number>>
  /** The form that most values have: of strptime, `iso`, `serial` (a workbook's number), or null where few are dates. */
  readonly dateForm: string | null
  /** No value tells whether the day or the month comes first. */
  readonly isDayUnsure: boolean
  /** The different values, most frequent first; null where there are too many, or too long ones, for a list of codes. */
  readonly words: readonly Word[] | null
  /** What parts the entries of lists that stand in its cells; empty where they hold one each. */
  readonly parted: readonly string[]
  /** Most entries are like `what was tried = how it went`: the words are the first half, these the second. */
  readonly results: readonly Word[] | null
}

export interface Word {
  readonly said: string
  readonly count: number
}

const kinds = {
  nhs: `regexp_full_match(said, '[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}') and nhs_remainder(try_cast(regexp_replace(said, '[ -]', '', 'g') as bigint)) = 0`,
  tenDigits: `regexp_full_match(said, '[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}')`,
  postcode: `regexp_full_match(upper(said), '[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}')`,
  lsoa: `regexp_full_match(upper(said), '[EW]01[0-9]{6}')`,
  ods: `regexp_full_match(said, '[A-Z0-9]{3,6}') and regexp_matches(said, '[0-9]')`,
  email: `regexp_full_match(said, '[^@ ]+@[^@ ]+[.][^@ ]+')`,
  phone: `regexp_full_match(said, '[+0(][0-9 ()+-]{8,18}')`,
  integer: `regexp_full_match(said, '[0-9]{1,9}')`,
  digits: `regexp_matches(said, '[0-9]')`,
  comma: `regexp_full_match(said, '[^,0-9]+,[^,0-9]+')`,
  brackets: `regexp_full_match(said, '[^()]+ [(][^()]+[)]')`,
  twoWords: `regexp_full_match(said, '[^ ,0-9]+( [^ ,0-9]+)+')`,
  equals: `contains(said, '=')`,
} as const

type Kind = keyof typeof kinds

const mostWords = 120
const longestWord = 80

/** Looks at all values of some cells together: those of one column, or of the same column of a numbered group. */
export async function profileColumn(
  connection: DuckDBConnection,
  rows: string,
  cells: readonly string[],
  isWorkbook: boolean,
): Promise<Profile> {
  const said = cells.map((cell) => `select ${cell} as said from ${rows} where ${cell} is not null`).join(' union all ')
  const counts = Object.entries(kinds).map(([kind, sql]) => `count_if(${sql}) as ${quote(kind)}`)
  const [row] = await query(
    connection,
    'look at a column',
    `select count(*) as filled, count(distinct said) as distinct_values, max(length(said)) as longest, avg(length(said)) as average,
        ${counts.join(', ')}
    from (${said})`,
  )
  const filled = numberIn(row, 'filled')
  const longest = numberIn(row, 'longest')
  const shareOf = (name: string): number => (filled === 0 ? 0 : numberIn(row, name) / filled)
  const mayBeDate = shareOf('digits') >= 0.6 && numberIn(row, 'average') < 40
  const dates = mayBeDate ? await dateFormOf(connection, said, filled, isWorkbook) : noDate
  const isWords = dates.dateForm === null && filled > 0
  const parted = isWords ? await partedBy(connection, said) : []
  const entries =
    parted.length === 0
      ? said
      : `select unnest(string_split_regex(said, ${quoteText(`[${parted.join('')}]`)})) as said from (${said})`
  const isPaired = shareOf('equals') >= 0.6
  const half = (group: number): string =>
    `select regexp_extract(said, '^(.*?)=(.*)$', ${group}) as said from (${entries})`
  return {
    filled,
    distinct: numberIn(row, 'distinct_values'),
    longest,
    average: numberIn(row, 'average'),
    shares: Object.fromEntries(Object.keys(kinds).map((kind) => [kind, shareOf(kind)])) as Record<Kind, number>,
    ...dates,
    parted,
    words: isWords ? await wordsOf(connection, isPaired ? half(1) : entries) : null,
    results: isWords && isPaired ? await wordsOf(connection, half(2)) : null,
  }
}

function quote(name: string): string {
  return `"${name}"`
}

const noDate = { dateForm: null, isDayUnsure: false }

async function dateFormOf(
  connection: DuckDBConnection,
  said: string,
  filled: number,
  isWorkbook: boolean,
): Promise<Pick<Profile, 'dateForm' | 'isDayUnsure'>> {
  const forms = dateForms.map(
    (form, index) => `count_if(year(try_strptime(said, ${quoteText(form)})) between 1900 and 2100) as form_${index}`,
  )
  const [row] = await query(
    connection,
    'look for dates in a column',
    `select ${forms.join(', ')},
        count_if(regexp_matches(said, '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?$') and try_cast(left(said, 10) as date) is not null) as iso,
        count_if(regexp_full_match(said, '[0-9]{5}([.][0-9]+)?') and try_cast(said as double) between 3654 and 60000) as serial
    from (${said})`,
  )
  const shareOf = (name: string): number => numberIn(row, name) / filled
  const candidates = [
    { form: 'iso', share: shareOf('iso') },
    ...dateForms.map((form, index) => ({ form, share: shareOf(`form_${index}`) })),
    ...(isWorkbook ? [{ form: 'serial', share: shareOf('serial') }] : []),
  ]
  const [best] = candidates.sort((a, b) => b.share - a.share)
  if (!best || best.share < 0.6) return noDate
  const swapped = /^%d(.)%m/.test(best.form) ? best.form.replace(/^%d(.)%m/, '%m$1%d') : ''
  return {
    dateForm: best.form,
    isDayUnsure: candidates.some(({ form, share }) => form === swapped && share === best.share),
  }
}

/** Entries of lists are parted by ; or |, often enough and in cells that are not prose. */
async function partedBy(connection: DuckDBConnection, said: string): Promise<readonly string[]> {
  const [row] = await query(
    connection,
    'look for lists in cells',
    `select count(*) as filled, avg(length(said)) as average, count_if(contains(said, ';')) as semicolon, count_if(contains(said, '|')) as bar
    from (${said})`,
  )
  if (numberIn(row, 'average') > 90) return []
  const [semicolon, bar] = [numberIn(row, 'semicolon'), numberIn(row, 'bar')]
  if (semicolon + bar < Math.max(2, numberIn(row, 'filled') * 0.1)) return []
  return [...(semicolon > 0 ? [';'] : []), ...(bar > 0 ? ['|'] : [])]
}

async function wordsOf(connection: DuckDBConnection, entries: string): Promise<readonly Word[] | null> {
  const rows = await query(
    connection,
    'list the words of a column',
    `select trim(said) as said, count(*) as count from (${entries}) where trim(said) <> '' group by all order by count desc, said limit ${mostWords + 1}`,
  )
  if (rows.length > mostWords || rows.some((row) => textIn(row, 'said').length > longestWord)) return null
  return rows.map((row) => ({ said: textIn(row, 'said'), count: numberIn(row, 'count') }))
}
