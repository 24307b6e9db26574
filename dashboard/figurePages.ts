import type { Request, Response } from 'express'
import { cubeCsv } from '../register/cubeCsv.ts'
import { cubeNames, type Cell, type CubeName } from '../register/release.ts'
import { cubeColumns, type Figures, type FiguresSource } from './figures.ts'
import { keepPages, type ShowPage } from './keepPages.ts'
import { answerProblem } from './problems.ts'
import { readFilters, viewFilters } from './readFilters.ts'
import type { Route, Zone } from './routes.ts'
import type { FigurePage } from './pages/figurePage.ts'
import { gapsPage } from './pages/gaps/route.ts'
import { overviewPage } from './pages/overview/route.ts'
import { reviewsPage } from './pages/reviews/route.ts'
import { themesPage } from './pages/themes/route.ts'

const pages: readonly FigurePage[] = [overviewPage, reviewsPage, themesPage, gapsPage]

const noFigures = {
  title: 'No figures yet',
  paragraphs: ['Nothing has been released so far. Figures appear here after the first finished run.'],
}

const noPlace = {
  title: 'No figures for this place',
  paragraphs: ['Nobody has been counted here in any month of the register.'],
}

/**
 * The pages of figures: published ones at `/overview` …, or exact ones at `/exact/overview` … with a CSV of each table at
 * `/exact/files/<cube>.csv`. Both are drawn by the same view models from whatever `source` gives.
 */
export function pageRoutes(source: FiguresSource, zone: Zone): readonly Route[] {
  const prefix = zone === 'open' ? '' : '/exact'
  const permission = zone === 'open' ? 'published' : 'exact'
  const show = zone === 'open' ? keepPages() : drawAnew
  const routes: Route[] = pages.map((page) => ({
    method: 'get',
    path: `${prefix}/${page.name}`,
    permission,
    handle: (request, response) => showPage(page, prefix, source, show, request, response),
  }))
  if (zone === 'open') return routes
  return [...routes, ...cubeNames.map((cube) => exactFile(cube, `${prefix}/files/${cube}.csv`, source))]
}

async function showPage(
  page: FigurePage,
  prefix: string,
  source: FiguresSource,
  show: ShowPage,
  request: Request,
  response: Response,
): Promise<void> {
  const figures = await source.current(request, response)
  if (!figures) return answerProblem(response, 503, noFigures)
  const filters = page.filters(figures)
  const read = readFilters(request.query, filters)
  if (read.kind === 'problem') {
    return answerProblem(response, 400, { title: 'This address holds a filter we do not know', paragraphs: read.words })
  }
  if (figures.rows(page.cube, read.values['place'] ?? '').length === 0) return answerProblem(response, 404, noPlace)
  show(request, response, {
    of: figures,
    key: `${page.name}?${new URLSearchParams(read.values).toString()}`,
    template: `pages/${page.name}/page.njk`,
    model: () => ({
      view: page.view({ figures, prefix, values: read.values }),
      filters: viewFilters(`${prefix}/${page.name}`, filters, read.values),
      isExact: figures.isExact,
      exactNavigation: pages.map(({ name, title }) => ({ text: title, href: `/exact/${name}` })),
    }),
  })
}

/** Exact pages depend on who asks, and are never kept. */
const drawAnew: ShowPage = (_request, response, page) => response.render(page.template, page.model())

/** The exact cells of the reader's own places, in the order they have. */
function exactFile(cube: CubeName, path: string, source: FiguresSource): Route {
  return {
    method: 'get',
    path,
    permission: 'exact',
    async handle(request, response) {
      const figures = await source.current(request, response)
      if (!figures) return answerProblem(response, 503, noFigures)
      const columns = cubeColumns[cube]
      const rows = figures.places.flatMap(({ code }) => textRows(figures, cube, code, columns))
      response.set('Content-Disposition', `attachment; filename="exact-${cube}-${figures.asOf}.csv"`)
      response.type('text/csv; charset=utf-8').send(cubeCsv(columns, rows))
    },
  }
}

function textRows(
  figures: Figures,
  cube: CubeName,
  place: string,
  columns: readonly string[],
): (Cell & { texts: string[] })[] {
  return figures.rows(cube, place).map((row) => {
    const texts = new Map<string, unknown>(Object.entries(row))
    return { value: row.value, state: row.state, texts: columns.map((column) => String(texts.get(column))) }
  })
}
