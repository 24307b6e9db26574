import { datesIn } from './datesIn.ts'
import { titles, type WordRun } from './nameForms.ts'
import type { OwnText } from './ownTexts.ts'
import { digitsOf, normalPhone, normalPostcode, type Identifiers } from './readIdentifiers.ts'
import { wordsOf } from './wordsOf.ts'

export interface Finding {
  readonly kind: string
  readonly times: number
}

/** Identifiers with what is known of our own texts: the rules of docs/pseudonymisation.md rest on it. */
export interface Wanted extends Identifiers {
  /** Words of our own texts: a surname that is one of them is no name by itself. */
  readonly ownWords: ReadonlySet<string>
  /** Full names whose words stand side by side in our own texts, in the forms that only a name has. */
  readonly writtenNames: ReadonlySet<string>
}

/** What the scan could look for in one form only, or not at all; it is told with every release. */
export interface Narrowed {
  readonly namesLikeOurWords: number
  readonly birthDatesLikeOurDays: number
}

/**
 * Looks for the identifiers in decoded text and counts what it finds by kind; never says what it found. One pass of each
 * pattern with look-ups in sets, so the time grows with the text and not with the number of people.
 */
export function scanText(decoded: string, wanted: Wanted): readonly Finding[] {
  // Wide digits, hard spaces and hyphens that do not break become the ordinary ones.
  const text = decoded.normalize('NFKC')
  // A digest's digits are no NHS number, so digests are taken out before numbers are looked for.
  const undigested = text.replace(/\b[0-9a-f]{32,}\b/gi, ' ')
  const findings: Finding[] = [
    {
      kind: 'NHS number',
      times: countMatches(undigested, nhsNumber, (found) => wanted.nhsNumbers.has(digitsOf(found))),
    },
    { kind: 'birth date', times: datesIn(undigested).filter((day) => wanted.birthDates.has(day)).length },
    { kind: 'telephone', times: countMatches(undigested, phone, (found) => wanted.phones.has(normalPhone(found))) },
    { kind: 'postcode', times: countMatches(text, postcode, (found) => wanted.postcodes.has(normalPostcode(found))) },
    { kind: 'e-mail', times: countMatches(text, email, (found) => wanted.emails.has(found.toLowerCase())) },
    { kind: 'local number', times: countIds(text, wanted.ids) },
    ...countWords(text, wanted),
  ]
  return findings.filter((finding) => finding.times > 0)
}

const between = '[\\s._/+\\-\\u2010-\\u2015\\u2212]{0,2}'
const nhsNumber = new RegExp(`(?<!\\d)\\d{3}${between}\\d{3}${between}\\d{4}(?!\\d)`, 'g')
const phone = /(?<!\d)(?:\+?\s?44|00\s?44|0)(?:[\s()./\-\u2010-\u2015]{0,3}\d){9,11}(?!\d)/g
const postcode = /(?<![a-z0-9])[a-z]{1,2}\d[a-z\d]?[\s+_-]{0,2}\d[a-z]{2}(?![a-z0-9])/gi
/** A surname alone is looked for from so many letters on; shorter ones are part of everything. */
const leastLetters = 4
// oxlint-disable-next-line no-control-regex
const noText = /[\u0000-\u0008]/
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

/** Names and address lines. What is part of a longer name is counted once, with it. */
function countWords(text: string, wanted: Wanted): readonly Finding[] {
  const times = { name: countWritten(text, wanted.writtenNames), address: 0 }
  const words = wordsOf(text)
  // In a file that is no text a length stands before each word and looks like its first letter: "sage" is an age.
  const isText = !noText.test(text)
  for (let at = 0; at < words.length; at++) {
    const [longest] = runsAt(words, at, wanted).sort((a, b) => b.length - a.length)
    if (longest) {
      times[longest.run.kind]++
      at += longest.length - 1
    } else if (isText && isSurname(words, at, wanted)) times.name++
  }
  return [
    { kind: 'name', times: times.name },
    { kind: 'address', times: times.address },
  ]
}

interface Match {
  readonly run: WordRun
  readonly length: number
}

/** Runs that begin at a word; between given name and surname one initial may stand. */
function runsAt(words: readonly string[], at: number, { runs }: Pick<Identifiers, 'runs'>): Match[] {
  const matches = (skip: number): Match[] =>
    (runs.get(`${words[at]} ${words[at + 1 + skip]}`) ?? [])
      .filter((run) => run.words.every((word, index) => words[at + index + (index > 0 ? skip : 0)] === word))
      .map((run) => ({ run, length: run.words.length + skip }))
  return [...matches(0), ...(words[at + 1]?.length === 1 ? matches(1).filter(({ run }) => run.kind === 'name') : [])]
}

/** A surname by itself, unless it is one of our own words; behind a title whatever it is. */
function isSurname(words: readonly string[], at: number, { surnames, ownWords }: Wanted): boolean {
  const word = words[at] ?? ''
  if (!surnames.has(word)) return false
  // 12 ms is a time.
  const isTitled = titles.has(words[at - 1] ?? '') && !(words[at - 1] === 'ms' && /\d$/.test(words[at - 2] ?? ''))
  return isTitled || (word.length >= leastLetters && !ownWords.has(word))
}

/** Names that our own texts hold as plain words: Amber Green counts as it is written for a person, amber, green does not. */
function countWritten(text: string, names: ReadonlySet<string>): number {
  let times = 0
  for (const name of names) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      if (!isLetter(text[at - 1]) && !isLetter(text[at + name.length])) times++
    }
  }
  return times
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character)
}

interface OwnTexts {
  /** Texts that our files hold: a name that stands in them would stop every release. */
  readonly texts: readonly OwnText[]
  /** Further words that outputs hold for good reasons: settings, names of feeds, the path of the deployment. */
  readonly words: readonly string[]
  /** First day of the published months: from there on our outputs are full of days. */
  readonly firstDay: string
}

/**
 * Makes the rules for what also is one of our own words or days. A full name that stands side by side in our texts is looked
 * for as it is written for a person, and no more as two words; nothing else is left out. How many are narrowed is reported.
 */
export function narrowToOwnTexts(
  identifiers: Identifiers,
  { texts, words, firstDay }: OwnTexts,
): { readonly wanted: Wanted; readonly narrowed: Narrowed } {
  const ours = new Set<WordRun>()
  const ownWords = new Set(words.flatMap(wordsOf))
  for (const { words: list } of texts) {
    for (const [at, word] of list.entries()) {
      ownWords.add(word)
      for (const { run } of runsAt(list, at, identifiers)) if (run.isOrdinary) ours.add(run)
    }
  }
  const runs = [...identifiers.runs].map(([key, list]) => [key, list.filter((run) => !ours.has(run))] as const)
  const ownDays = new Set(texts.flatMap(({ days }) => days))
  const birthDates = [...identifiers.birthDates].filter((day) => day < firstDay && !ownDays.has(day))
  const names = [...ours].filter((run) => run.kind === 'name')
  return {
    wanted: {
      ...identifiers,
      runs: new Map(runs),
      birthDates: new Set(birthDates),
      ownWords,
      writtenNames: writtenForms(names, texts),
    },
    narrowed: {
      // A name stands in both orders among the runs and is one name.
      namesLikeOurWords: new Set(names.map((run) => run.words.toSorted().join(' '))).size,
      birthDatesLikeOurDays: identifiers.birthDates.size - birthDates.length,
    },
  }
}

/** Amber Green, AMBER GREEN and Amber GREEN: less what our own texts hold in just that form. */
function writtenForms(names: readonly WordRun[], texts: readonly OwnText[]): ReadonlySet<string> {
  const forms = names.flatMap(({ written }) => {
    if (written === undefined) return []
    const name = written.normalize('NFKC').trim().replace(/\s+/g, ' ')
    const last = name.slice(name.lastIndexOf(' ') + 1)
    return [name, name.toUpperCase(), `${name.slice(0, name.length - last.length)}${last.toUpperCase()}`]
  })
  const telling = forms.filter((form) => form !== form.toLowerCase())
  return new Set(telling.filter((form) => !texts.some(({ text }) => text.includes(form))))
}
