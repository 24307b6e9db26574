import type { Cell } from '../../../register/release.ts'
import type { Figures } from '../../figures.ts'
import { cellAt, compareMonths, monthsOf } from '../../series.ts'
import type { KnownVisitor } from '../../site.ts'
import { changeWords, direction, levelWords } from '../../words/compareCells.ts'
import { peopleWords, share } from '../../words/formatCells.ts'
import { dayName, monthName } from '../../words/formatDates.ts'
import { gapsRanking } from '../gaps/viewModel.ts'
import { cellOf, mostNotable, rankedCodes, type Ranking } from '../ranking.ts'
import { themesRanking } from '../themes/viewModel.ts'

export interface HomeView {
  readonly intro: string
  readonly stamp: string
  /** What has changed, in sentences, each with the page that shows it. */
  readonly sentences: readonly { readonly text: string; readonly href: string; readonly link: string }[]
  readonly forYou: {
    readonly heading: string
    readonly links: readonly { readonly text: string; readonly href: string }[]
  }
}

/** The start page: the state of the register in sentences, then what this visitor can do here. */
export function homeView(figures: Figures | null, visitor: KnownVisitor | null): HomeView {
  const intro =
    'People with a learning disability or autism who are at risk of being admitted to a mental health hospital, so that they get the right support at home in time.'
  if (!figures) {
    return {
      intro,
      stamp: 'Nothing has been released so far. Figures appear here after the first finished run.',
      sentences: [],
      forYou: forVisitor(visitor),
    }
  }
  return {
    intro,
    stamp: `Release ${figures.id}. Data to ${dayName(figures.asOf)}. Counts of 0 to 4 people are not shown, others are rounded to the nearest 5.`,
    sentences: [
      { text: peopleSentence(figures), href: '/overview', link: 'People by rating and place' },
      { text: reviewsSentence(figures), href: '/reviews', link: 'Overdue reviews' },
      { text: themesSentence(themesRanking(figures, 'all')), href: '/themes', link: 'Themes of risk' },
      { text: gapsSentence(gapsRanking(figures, 'all')), href: '/gaps', link: 'Gaps in services' },
    ],
    forYou: forVisitor(visitor),
  }
}

function peopleSentence(figures: Figures): string {
  const rows = figures.rows('people_by_rating_month', 'all')
  const { now, before, words } = compareMonths(monthsOf(rows))
  const at = (rating: string, month: string): Cell =>
    cellAt(
      rows.filter((row) => row.rating === rating),
      month,
    )
  const red = changeWords(at('red', now), at('red', before), words, figures.isExact)
  return sentence(
    `At the end of ${monthName(now)} there were ${peopleWords(at('all', now))} on the register`,
    changeWords(at('all', now), at('all', before), words, figures.isExact),
    `Rated red: ${peopleWords(at('red', now))}${red ? `, ${red}` : ''}; in hospital: ${peopleWords(at('blue', now))}.`,
  )
}

function reviewsSentence(figures: Figures): string {
  const rows = figures.rows('reviews_by_rating_month', 'all')
  const { now, before, words } = compareMonths(monthsOf(rows))
  const at = (measure: string, rating: string, month: string): Cell =>
    cellAt(
      rows.filter((row) => row.measure === measure && row.rating === rating),
      month,
    )
  const percent = share(at('overdue', 'all', now), at('people', 'all', now))
  return sentence(
    `A review was overdue for ${peopleWords(at('overdue', 'all', now))}${percent === null ? '' : ` (${percent}% of the register)`}`,
    changeWords(at('overdue', 'all', now), at('overdue', 'all', before), words, figures.isExact),
    `Among people rated red: ${peopleWords(at('overdue', 'red', now))}.`,
  )
}

function themesSentence(ranking: Ranking): string {
  return topSentence(ranking, 'The theme named most often is', 'No theme is named for enough people to show.')
}

function gapsSentence(ranking: Ranking): string {
  return topSentence(ranking, 'The service missing most often is', 'No service is missing for enough people to show.')
}

/** The largest, and the one that rose most; one sentence when they are the same. */
function topSentence(ranking: Ranking, start: string, nothing: string): string {
  const [top = ''] = rankedCodes(ranking)
  const now = cellOf(ranking, top, ranking.now)
  if (now.value === null) return nothing
  const fastest = mostNotable(ranking)
  const before = cellOf(ranking, fastest, ranking.before)
  const hasRisen = direction(cellOf(ranking, fastest, ranking.now), before, ranking.isExact) === 'up'
  const first = `${start} ${lower(ranking.labelOf(top))}: ${peopleWords(now)}`
  if (fastest === top) {
    const change = changeWords(now, before, ranking.beforeWords, ranking.isExact)
    return `${first}${change ? `, ${change}` : ''}.`
  }
  if (!hasRisen) return `${first}. None has clearly risen.`
  const rose = cellOf(ranking, fastest, ranking.now)
  return `${first}. The one that rose most is ${lower(ranking.labelOf(fastest))}, from ${levelWords(before)} ${ranking.beforeWords} to ${peopleWords(rose)}.`
}

/** First letter small, unless the word is an abbreviation. */
function lower(label: string): string {
  return /^[A-Z]{2}|^A&E/.test(label) ? label : label.slice(0, 1).toLowerCase() + label.slice(1)
}

function sentence(start: string, change: string, more: string): string {
  return `${start}${change ? `, ${change}` : ''}. ${more}`
}

const linksByRole: Readonly<Record<KnownVisitor['role'], HomeView['forYou']['links']>> = {
  dsr_team: [
    { text: 'Worklist: whose review is overdue, who is next, who has gone quiet', href: '/worklist' },
    { text: 'Exact figures of your places', href: '/exact/overview' },
    { text: 'Data quality: what was set aside, and how fresh each agency is', href: '/quality' },
  ],
  tc_lead: [
    { text: 'Exact figures of your places', href: '/exact/overview' },
    { text: 'Data quality: what was set aside, and how fresh each agency is', href: '/quality' },
  ],
  commissioner: [
    { text: 'Which services are missing, and why', href: '/gaps' },
    { text: 'Which themes recur and rise', href: '/themes' },
    { text: 'Files of all published figures', href: '/method#files' },
  ],
  analyst: [
    { text: 'Data quality: what was set aside, and how fresh each agency is', href: '/quality' },
    { text: 'How the figures are made, and their files', href: '/method' },
  ],
  ig_lead: [
    { text: 'Audit: who looked at whom, and whether the log is whole', href: '/audit' },
    { text: 'Data quality: what was set aside, and how fresh each agency is', href: '/quality' },
  ],
  admin: [{ text: 'Users and what they are granted', href: '/users' }],
}

function forVisitor(visitor: KnownVisitor | null): HomeView['forYou'] {
  if (visitor === null) {
    return {
      heading: 'For people who work with the register',
      links: [{ text: 'Sign in for the worklist, exact figures, data quality and the audit', href: '/sign-in' }],
    }
  }
  return { heading: `For you as ${visitor.roleLabel}`, links: linksByRole[visitor.role] ?? [] }
}
