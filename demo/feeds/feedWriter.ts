import { currentEntry, type Entry, type Issue, type Person } from '../world/person.ts'
import type { Day } from '../world/days.ts'
import type { Rating } from '../dueDate.ts'

/** A bad record that was planted, and what the check is to find in it. */
export interface BadRow {
  /** Sheet of a workbook; null for other files. */
  readonly sheet: string | null
  /** Line of the file where the record starts, or row of the sheet, from 1. */
  readonly line: number
  readonly code: string
  /** Column at fault; null where it is the record as a whole. */
  readonly column: string | null
}

/** What a feed's file holds; read = accepted + quarantined + duplicates. */
export interface FeedCounts {
  readonly read: number
  readonly accepted: number
  readonly quarantined: number
  readonly duplicates: number
  readonly badRows: readonly BadRow[]
}

export interface FeedWriter {
  /** Writes what this agency knows of the person. */
  add(person: Person): void
  flush(): Promise<void>
  finish(): Promise<FeedCounts>
}

/** What a feed's writer has to know besides the people. */
export interface FeedContext {
  readonly folder: string
  readonly asOf: Day
  /** Last day on which anything is on record. */
  readonly until: Day
  /** About how many people there will be: bad records are spread over them. */
  readonly people: number
}

/** The part of a life that one agency's record covers. */
export interface Episode {
  readonly entry: Entry
  readonly from: Day
  readonly to: Day
}

/**
 * The years that the register of `scope` answers for: someone who moved at 18 has two records, and no event is in both.
 * Null when the person never was on that register.
 */
export function episodeOf(person: Person, scope: 'adult' | 'child'): Episode | null {
  const index = person.entries.findIndex((entry) => entry.scope === scope)
  const entry = person.entries[index]
  if (!entry) return null
  const isSecond = index > 0
  const next = person.entries[index + 1]
  return {
    entry,
    from: isSecond ? (entry.accepted ?? 0) : -Infinity,
    to: (next?.accepted ?? Infinity) - 1,
  }
}

/** The whole life, under the entry that counts now: how an agency for all ages sees it. */
export function wholeLife(person: Person): Episode | null {
  const entry = currentEntry(person)
  return entry ? { entry, from: -Infinity, to: Infinity } : null
}

export function within(episode: Episode): (day: Day) => boolean {
  return (day) => day >= episode.from && day <= episode.to
}

export interface Mention {
  readonly theme: string
  readonly day: Day
  readonly ended: Day | null
  readonly note: string | null
}

/** Each time an issue was spoken of, in order; its note stands at the first, its end at the last. */
export function mentionsIn(issues: readonly Issue[], episode: Episode): readonly Mention[] {
  const isWithin = within(episode)
  return issues
    .flatMap((issue) => {
      const days = issue.mentioned.filter(isWithin)
      const ended = issue.ended !== null && isWithin(issue.ended) ? issue.ended : null
      return days.map((day, index) => ({
        theme: issue.theme,
        day,
        ended: index === days.length - 1 ? ended : null,
        note: day === issue.begun ? issue.note : null,
      }))
    })
    .sort((a, b) => a.day - b.day)
}

/** Issues that are not over, with the day they began. */
export function openIssues(person: Person): readonly Issue[] {
  return person.issues.filter((issue) => issue.ended === null)
}

/** What an agency's narrative says: the notes of what is open now, or of what came last. */
export function narrative(person: Person): { readonly text: string; readonly day: Day } | null {
  const open = openIssues(person)
  const told = open.length > 0 ? open : person.issues.slice(-1)
  const day = Math.max(...told.flatMap((issue) => issue.mentioned))
  return told.length === 0 ? null : { text: told.map((issue) => issue.note).join(' '), day }
}

export function ratingNow(person: Person, episode: Episode): { readonly rating: Rating; readonly from: Day } | null {
  return person.ratings.filter(({ from }) => within(episode)(from)).at(-1) ?? null
}

/** Spreads planted records over a file: after every so many sound ones the next is due. */
export function plantEvery<T>(bad: readonly T[], expected: number): () => T | null {
  const step = Math.max(4, Math.floor(expected / (bad.length + 2)))
  let sound = 0
  let next = 0
  return () => {
    sound++
    if (sound % step !== 0 || next >= bad.length) return null
    return bad[next++] ?? null
  }
}
