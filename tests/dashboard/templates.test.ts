import nunjucks from 'nunjucks'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Figures } from '../../dashboard/figures.ts'
import { gapsPage } from '../../dashboard/pages/gaps/route.ts'
import { gapsView } from '../../dashboard/pages/gaps/viewModel.ts'
import { homeView } from '../../dashboard/pages/home/viewModel.ts'
import { methodView } from '../../dashboard/pages/method/viewModel.ts'
import { overviewPage } from '../../dashboard/pages/overview/route.ts'
import { reviewsPage } from '../../dashboard/pages/reviews/route.ts'
import { themesPage } from '../../dashboard/pages/themes/route.ts'
import { themesView } from '../../dashboard/pages/themes/viewModel.ts'
import { rankedCodes, rankingOf } from '../../dashboard/pages/ranking.ts'
import { readFilters, viewFilters } from '../../dashboard/readFilters.ts'
import { readRelease, type ServedRelease } from '../../dashboard/releaseFigures.ts'
import { navigationOf } from '../../dashboard/site.ts'
import { templateFolders } from '../../dashboard/templates.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { madeUpDeployment, release } from '../publish/madeUpWarehouse.ts'

let served: ServedRelease

beforeAll(async () => {
  served = readRelease((await release(await madeUpDeployment())).folder)
})

/** Renders with a view model that notes which of its fields are asked for; outputting nothing is a fault here. */
function render(
  template: string,
  view: object,
  more: object = {},
): { readonly unused: string[]; readonly unknown: string[] } {
  const asked = new Set<string>()
  const unknown = new Set<string>()
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader([...templateFolders]), {
    autoescape: true,
    throwOnUndefined: true,
  })
  environment.render(template, {
    ...more,
    view: watch(view, 'view', asked, unknown),
    site: { name: 'Register', madeUp: true },
    path: '/',
    visitor: null,
    navigation: navigationOf(null),
    stylesheet: '/assets/dsr.css',
    isExact: true,
    exactNavigation: [],
  })
  return { unused: fieldsOf(view, 'view').filter((field) => !asked.has(field)), unknown: [...unknown] }
}

function watch(value: unknown, path: string, asked: Set<string>, unknown: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key) {
      const own: unknown = Reflect.get(target, key)
      if (typeof key === 'symbol' || (Array.isArray(target) && !/^\d+$/.test(key))) return own
      const field = Array.isArray(target) ? `${path}[]` : `${path}.${key}`
      if (Object.hasOwn(target, key)) asked.add(field)
      else unknown.add(field)
      return watch(own, field, asked, unknown)
    },
  })
}

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  const found = Object.entries(value).flatMap(([key, inner]) => {
    const field = Array.isArray(value) ? `${path}[]` : `${path}.${key}`
    return [field, ...fieldsOf(inner, field)]
  })
  return [...new Set(found)]
}

describe('a template uses every field of its view model, and no other:', () => {
  test.each([overviewPage, reviewsPage, themesPage, gapsPage])('$name', (page) => {
    const { figures } = served
    const filters = page.filters(figures)
    const read = readFilters({}, filters)
    if (read.kind === 'problem') throw new Error('no default filters')
    const view = page.view({ figures, prefix: '', values: read.values })
    const shown = viewFilters(`/${page.name}`, filters, read.values)
    expect(render(`pages/${page.name}/page.njk`, view, { filters: shown })).toEqual({ unused: [], unknown: [] })
  })

  test('start', () => {
    for (const figures of [served.figures, null]) {
      expect(render('pages/home/page.njk', homeView(figures, null))).toEqual({ unused: [], unknown: [] })
    }
  })

  test('method', () => {
    expect(render('pages/method/page.njk', methodView(served.description))).toEqual({ unused: [], unknown: [] })
  })
})

test('only charts are put on a page without escaping', () => {
  const template = readFileSync(join(projectRoot, 'dashboard/views/macros/figure.njk'), 'utf8')
  expect(template.match(/\{\{[^}]*\| safe[^}]*\}\}/g)).toEqual(
    Array.from({ length: 3 }, (_, at) => (at === 0 ? '{{ figure.wide | safe }}' : '{{ figure.narrow | safe }}')),
  )
})

describe('sentences and titles', () => {
  const view = (place: string, name = themesPage): string =>
    JSON.stringify(
      name.view({ figures: served.figures, prefix: '', values: { place, theme: 'most', service: 'most' } }),
    )

  test('every alt text is at most 220 characters, is not the title, and holds a number or says why not', () => {
    for (const page of [overviewPage, reviewsPage, themesPage, gapsPage]) {
      for (const { code } of served.figures.places) {
        const model = page.view({
          figures: served.figures,
          prefix: '',
          values: { place: code, theme: 'most', service: 'most' },
        }) as { figures: { title: string; wide: string }[] }
        for (const { title, wide } of model.figures) {
          const alt = /aria-label="([^"]*)"/.exec(wide)?.[1] ?? ''
          expect(alt.length).toBeLessThanOrEqual(220)
          expect(alt).toMatch(/\d|\[c\]|too small to show/)
          expect(alt).not.toBe(title)
        }
      }
    }
  })

  test('a place that is too small to show anything says so instead of naming a top one', () => {
    const hidden = { value: null, state: 'suppressed' as const }
    const tiny: Figures = {
      ...served.figures,
      rows: (cube, place) => served.figures.rows(cube, place).map((row) => ({ ...row, ...hidden })),
    }
    const model = gapsPage.view({ figures: tiny, prefix: '', values: { place: 'QWO', service: 'most' } }) as {
      figures: { title: string }[]
    }
    expect(model.figures[0]?.title).toBe('Every service in West Yorkshire is missing for too few people to show')
    expect(model.figures[2]?.title).toMatch(/too few people for any reason to show/)
  })

  test('the theme that was made to rise is found', () => {
    expect(view('all')).toMatch(/Placement breakdown risk: 140 people, up from 105 a year before/)
    expect(homeView(served.figures, null).sentences[2]?.text).toMatch(
      /rose most is placement breakdown risk, from 105 a year before to 140 people/,
    )
  })
})

test('what is not shown follows in the order of the list, so that its place says nothing', () => {
  const points = [3, null, 20, null, 40].map((value, at) => ({
    month: '2026-10-01',
    code: `T${at}`,
    value: value === 3 ? null : value,
    state: value === null || value === 3 ? ('suppressed' as const) : ('shown' as const),
  }))
  const ranking = rankingOf(points, ['T0', 'T1', 'T2', 'T3', 'T4'], (code) => code, false)
  expect(rankedCodes(ranking)).toEqual(['T4', 'T2', 'T0', 'T1', 'T3'])
})

test('a list of which every exact number is nought has no most frequent one', () => {
  const { figures } = served
  const rows: Figures['rows'] = (cube, place) =>
    figures.rows(cube, place).map((row) => ({ ...row, value: 0, state: 'shown' as const }))
  const context = { figures: { ...figures, isExact: true, rows }, prefix: '/exact', values: {} }
  expect(themesView(context).figures[0]?.title).toBe('No theme is named on the whole register')
  expect(gapsView(context).figures.map(({ title }) => title)).toEqual([
    'No service is missing on the whole register',
    expect.stringContaining('0 people'),
    'Why services are missing: no reason is recorded',
  ])
})

describe('the navigation', () => {
  const places: readonly string[] = []
  test.each([
    [null, ['Overview', 'Reviews', 'Themes', 'Gaps', 'Method']],
    ['commissioner', ['Overview', 'Reviews', 'Themes', 'Gaps', 'Method']],
    ['dsr_team', ['Worklist', 'Overview', 'Reviews', 'Themes', 'Gaps', 'Exact figures', 'Data quality', 'Method']],
    ['tc_lead', ['Overview', 'Reviews', 'Themes', 'Gaps', 'Exact figures', 'Data quality', 'Method']],
    ['analyst', ['Overview', 'Reviews', 'Themes', 'Gaps', 'Data quality', 'Method']],
    ['ig_lead', ['Overview', 'Reviews', 'Themes', 'Gaps', 'Data quality', 'Audit', 'Method']],
    ['admin', ['Overview', 'Reviews', 'Themes', 'Gaps', 'Users', 'Method']],
  ] as const)('of %s names only what they may open', (role, expected) => {
    const visitor = role === null ? null : { name: 'Someone', role, roleLabel: role, places }
    expect(navigationOf(visitor).map(({ text }) => text)).toEqual(expected)
  })
})
