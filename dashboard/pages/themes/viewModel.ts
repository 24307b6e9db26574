import { readCoderQuality } from '../../../register/coderQuality.ts'
import type { FigureView } from '../../figureView.ts'
import type { Figures } from '../../figures.ts'
import { placeCode, placeLabel, placeWords, type PageContext } from '../pageContext.ts'
import { latestFigure, mostNotable, rankingOf, trendFigure, type Ranking, type RankingWords } from '../ranking.ts'

export interface ThemesView {
  readonly heading: string
  readonly lead: string
  readonly figures: readonly FigureView[]
}

/** What the risk comes from: which themes are most, and how one of them moves. */
export function themesView(context: PageContext): ThemesView {
  const ranking = themesRanking(context.figures, placeCode(context))
  const chosen =
    context.values['theme'] === 'most' ? mostNotable(ranking) : (context.values['theme'] ?? mostNotable(ranking))
  const words: RankingWords = {
    cube: 'themes_by_month',
    ids: { latest: 'themes-now', trend: 'theme-over-time' },
    measure: 'People for whom a theme is current',
    listName: 'Theme',
    note: 'One person can have several themes, so they do not add up to people on the register.',
    titleOf: (top) => `Most often named ${placeWords(context)}: ${top}`,
    nothing: `Every theme ${placeWords(context)} is named for too few people to show`,
    nobody: `No theme is named ${placeWords(context)}`,
  }
  return {
    heading: `Themes: ${placeLabel(context)}`,
    lead: 'What the risk of admission comes from, as agencies record it and as it is found in their notes.',
    figures: [
      withNote(latestFigure(context, ranking, chosen, words), coderNote('themes', 'a theme')),
      withNote(trendFigure(context, ranking, chosen, words), coderNote(chosen, 'this theme')),
    ],
  }
}

function withNote(figure: FigureView, note: string): FigureView {
  return { ...figure, notes: [...figure.notes, note] }
}

/** How far to trust a figure that rests in part on what was found in notes. */
export function coderNote(code: string, theme: string): string {
  const quality = readCoderQuality().find((row) => row.code === code)
  if (!quality || quality.precision === null || quality.recall === null)
    return `How well ${theme} is found in notes is not known.`
  const [right, found] = [quality.precision, quality.recall].map((share) => `${Math.round(100 * share)}%`)
  return `Found in notes as well as coded by agencies. On labelled notes, ${theme} was right ${right} of the times it was given and was found in ${found} of the notes that have it: see How the figures are made.`
}

export function themesRanking(figures: Figures, place: string): Ranking {
  const points = figures
    .rows('themes_by_month', place)
    .map(({ month, theme_code: code, value, state }) => ({ month, code, value, state }))
  return rankingOf(points, figures.codes('themes'), (code) => figures.label('themes', code), figures.isExact)
}
