import { keepPages } from '../../keepPages.ts'
import { answerProblem } from '../../problems.ts'
import { readFilters } from '../../readFilters.ts'
import type { Releases } from '../../releaseFigures.ts'
import type { Route } from '../../routes.ts'
import type { KnownVisitor } from '../../site.ts'
import { homeView } from './viewModel.ts'

export function homeRoute(releases: Releases): Route {
  const show = keepPages()
  return {
    method: 'get',
    path: '/',
    permission: 'published',
    handle(request, response) {
      const read = readFilters(request.query, [])
      if (read.kind === 'problem')
        return answerProblem(response, 400, { title: 'This address does not work', paragraphs: read.words })
      const visitor = response.locals['visitor'] as KnownVisitor | null
      show(request, response, {
        of: releases.current() ?? releases,
        key: '',
        template: 'pages/home/page.njk',
        model: () => ({ view: homeView(releases.current()?.figures ?? null, visitor) }),
      })
    },
  }
}
