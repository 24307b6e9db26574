import { digitsOf, normalPhone, normalPostcode, type Identifiers, type WordRun } from './readIdentifiers.ts'
import { wordsOf } from './wordsOf.ts'

export interface Finding {
  readonly kind: string
  readonly times: number
}

/**
 * Looks for the identifiers in decoded text and counts what it finds by kind; never says what it found. One pass of each
 * pattern with look-ups in sets, so the time grows with the text and not with the number of people.
 */
export function scanText(text: string, identifiers: Identifiers): readonly Finding[] {
  // A digest's digits are no NHS number, so digests are taken out before numbers are looked for.
  const undigested = text.replace(/\b[0-9a-f]{32,}\b/gi, ' ')
  const findings: Finding[] = [
    {
      kind: 'NHS number',
      times: countMatches(undigested, nhsNumber, (found) => identifiers.nhsNumbers.has(digitsOf(found))),
    },
    {
      kind: 'telephone',
      times: countMatches(undigested, phone, (found) => identifiers.phones.has(normalPhone(found))),
    },
    {
      kind: 'postcode',
      times: countMatches(text, postcode, (found) => identifiers.postcodes.has(normalPostcode(found))),
    },
    { kind: 'e-mail', times: countMatches(text, email, (found) => identifiers.emails.has(found.toLowerCase())) },
    { kind: 'local number', times: countIds(text, identifiers.ids) },
    ...countRuns(text, identifiers),
  ]
  return findings.filter((finding) => finding.times > 0)
}

const nhsNumber = /(?<!\d)\d{3}[ .\u00a0-]?\d{3}[ .\u00a0-]?\d{4}(?!\d)/g
const phone = /(?<!\d)(?:\+?\s?44|00\s?44|0)(?:[\s().-]{0,3}\d){9,11}(?!\d)/g
const postcode = /(?<![a-z0-9])[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}(?![a-z0-9])/gi
const email = /[\w.+'-]+@[\w-]+(?:\.[\w-]+)+/g
const compound = /[a-z0-9]+(?:[-_/.:][a-z0-9]+)*/gi
/** An agency's number has at most this many parts between its own separators: AB/2024-0017 has three. */
const mostParts = 4

function countMatches(text: string, pattern: RegExp, isKnown: (found: string) => boolean): number {
  let times = 0
  for (const [found] of text.matchAll(pattern)) if (isKnown(found)) times++
  return times
}

/** An id may stand inside a path or after a label, so every stretch of parts of a compound word is looked up. */
function countIds(text: string, ids: ReadonlySet<string>): number {
  if (ids.size === 0) return 0
  let times = 0
  for (const [found] of text.matchAll(compound)) {
    const parts = found.toLowerCase().split(/([-_/.:])/)
    for (let from = 0; from < parts.length; from += 2) {
      let candidate = parts[from] ?? ''
      if (ids.has(candidate)) times++
      for (let to = from + 2; to < Math.min(parts.length, from + 2 * mostParts); to += 2) {
        candidate += `${parts[to - 1]}${parts[to]}`
        if (ids.has(candidate)) times++
      }
    }
  }
  return times
}

function countRuns(text: string, identifiers: Identifiers): readonly Finding[] {
  const times = { name: 0, address: 0 }
  for (const run of findRuns(text, identifiers)) times[run.kind]++
  return [
    { kind: 'name', times: times.name },
    { kind: 'address', times: times.address },
  ]
}

/** Runs of words in the text that are names or address lines. */
export function findRuns(text: string, identifiers: Identifiers): readonly WordRun[] {
  const found: WordRun[] = []
  const words = wordsOf(text)
  for (let at = 0; at + 1 < words.length; at++) {
    for (const run of identifiers.runs.get(`${words[at]} ${words[at + 1]}`) ?? []) {
      if (run.words.every((word, index) => words[at + index] === word)) found.push(run)
    }
  }
  return found
}

/**
 * Leaves out the names that also stand in `texts`, our own words: a name looked for there would stop every release. The rule
 * is exact (only those names, only as full names), and how many it leaves out is reported.
 */
export function withoutOwnNames(
  identifiers: Identifiers,
  texts: readonly string[],
): { readonly identifiers: Identifiers; readonly namesLikeOurWords: number } {
  const ours = new Set(texts.flatMap((text) => findRuns(text, identifiers)).filter((run) => run.kind === 'name'))
  const runs = [...identifiers.runs].map(([key, list]) => [key, list.filter((run) => !ours.has(run))] as const)
  // A name stands in both orders among the runs and is one name.
  const names = new Set([...ours].map((run) => run.words.toSorted().join(' ')))
  return { identifiers: { ...identifiers, runs: new Map(runs) }, namesLikeOurWords: names.size }
}
