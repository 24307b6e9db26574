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
    figures: [latestFigure(context, ranking, chosen, words), trendFigure(context, ranking, chosen, words)],
  }
}

export function themesRanking(figures: Figures, place: string): Ranking {
  const points = figures
    .rows('themes_by_month', place)
    .map(({ month, theme_code: code, value, state }) => ({ month, code, value, state }))
  return rankingOf(points, figures.codes('themes'), (code) => figures.label('themes', code), figures.isExact)
}
