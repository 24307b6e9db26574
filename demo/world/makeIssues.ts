import { makeName } from './makeIdentity.ts'
import { monthStart, type Day } from './days.ts'
import { plainNotes, themeNotes } from './notes.ts'
import type { Issue } from './person.ts'
import type { Random } from './random.ts'
import type { Life } from './simulateLife.ts'

/** Where the demo plants a rising theme: education breakdown among children and young people of one ICB. */
export const risingTheme = { theme: 'T13', icb: 'QHM', months: 9, fromAge: 5, toAge: 19 } as const

interface Situation {
  readonly givenName: string
  readonly isChild: boolean
  readonly life: Life
  readonly until: Day
  /** Month number, 1 to 9, in which the rising theme begins for this person, if it is planted in them. */
  readonly risingFrom: Day | null
}

const childThemes = [
  'T01',
  'T02',
  'T03',
  'T04',
  'T05',
  'T07',
  'T08',
  'T09',
  'T13',
  'T14',
  'T17',
  'T18',
  'T20',
  'T23',
  'T24',
  'T26',
  'T27',
  'T28',
  'T30',
  'T32',
  'T06',
  'T19',
] as const
const adultThemes = [
  'T01',
  'T02',
  'T03',
  'T04',
  'T05',
  'T06',
  'T08',
  'T09',
  'T10',
  'T11',
  'T12',
  'T16',
  'T17',
  'T18',
  'T19',
  'T21',
  'T22',
  'T23',
  'T25',
  'T26',
  'T27',
  'T28',
  'T29',
  'T31',
  'T32',
  'T99',
] as const
/** Themes that come up less often than the rest; the planted one is rare elsewhere, so that its rise is a finding. */
const rare: Readonly<Record<string, number>> = { T13: 0.5, T06: 0.4, T19: 0.3, T12: 0.4, T99: 0.3, T31: 0.5 }

/** What weighed on a person: new at each turn for the worse, named again at reviews, over after some months. */
export function makeIssues(random: Random, situation: Situation): Issue[] {
  const { life, isChild, until } = situation
  const themes: readonly string[] = isChild ? childThemes : adultThemes
  const weights = themes.map((theme) => [theme, rare[theme] ?? 1] as const)
  const issues: Issue[] = []
  const lastDay = life.closed ?? until
  const add = (theme: string, begun: Day, months: number): void => {
    const isLive = issues.some((issue) => issue.theme === theme && (issue.ended === null || issue.ended >= begun))
    const live = issues.filter((issue) => issue.ended === null || issue.ended >= begun)
    if (isLive || live.length >= 3 || begun > lastDay) return
    issues.push(makeIssue(random, situation, theme, begun, months))
  }
  if (situation.risingFrom !== null) add(risingTheme.theme, situation.risingFrom, 100)
  for (const crisis of life.crises) {
    for (
      let count = random.weighted([
        [1, 55],
        [2, 35],
        [3, 10],
      ] as const);
      count > 0;
      count--
    ) {
      add(random.weighted(weights), crisis, random.skewed(4, 0.6))
    }
  }
  for (const { discharged } of life.stays) if (discharged !== null && random.chance(0.6)) add('T15', discharged, 3)
  return issues.sort((a, b) => a.begun - b.begun)
}

function makeIssue(
  random: Random,
  { givenName, life, until }: Situation,
  theme: string,
  begun: Day,
  months: number,
): Issue {
  const end = begun + months * 30
  const closing = life.closed ?? Infinity
  const ended = life.reviews.find((day) => day >= end) ?? (closing <= until ? closing : null)
  const mentioned = [begun]
  for (const day of life.reviews) {
    // Said again once a month at most: an agency does not copy the whole list into each weekly meeting.
    if (day >= begun + 25 && day <= (ended ?? until) && day - (mentioned.at(-1) ?? begun) >= 25) mentioned.push(day)
  }
  return { theme, begun, ended, mentioned, note: makeNote(random, theme, givenName) }
}

/** One or two sentences as somebody might have typed them. */
export function makeNote(random: Random, theme: string | null, givenName: string): string {
  const said = theme === null ? [] : [random.pick(themeNotes[theme] ?? plainNotes)]
  if (theme === null || random.chance(0.25)) said.push(random.pick(plainNotes))
  const other = makeName(random, random.chance(0.5) ? 'female' : 'male')
  const otherName = random.chance(0.5) ? other.givenName : `${other.givenName} ${other.familyName}`
  return said.join(' ').replaceAll('{name}', givenName).replaceAll('{other}', otherName)
}

/** First day of the planted month `number`, counted so that the last one is the month before `asOf`'s. */
export function risingMonth(asOf: Day, number: number): Day {
  return monthStart(asOf, number - risingTheme.months - 1)
}
