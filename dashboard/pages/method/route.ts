import { keepPages } from '../../keepPages.ts'
import { answerProblem } from '../../problems.ts'
import { readFilters } from '../../readFilters.ts'
import type { Releases } from '../../releaseFigures.ts'
import type { Route } from '../../routes.ts'
import { methodView } from './viewModel.ts'

export function methodRoute(releases: Releases): Route {
  const show = keepPages()
  return {
    method: 'get',
    path: '/method',
    permission: 'published',
    handle(request, response) {
      const read = readFilters(request.query, [])
      if (read.kind === 'problem')
        return answerProblem(response, 400, { title: 'This address does not work', paragraphs: read.words })
      const release = releases.current()
      if (!release)
        return answerProblem(response, 503, {
          title: 'No figures yet',
          paragraphs: ['Nothing has been released so far.'],
        })
      show(request, response, {
        of: release,
        key: '',
        template: 'pages/method/page.njk',
        model: () => ({ view: methodView(release.description) }),
      })
    },
  }
}
