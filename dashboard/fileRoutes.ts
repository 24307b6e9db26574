import { createHash } from 'node:crypto'
import { cubeNames } from '../register/release.ts'
import { answerProblem } from './problems.ts'
import type { Releases } from './releaseFigures.ts'
import type { Route } from './routes.ts'

const types = {
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.file',
  json: 'application/json; charset=utf-8',
} as const

/** The files of the release by their exact names, from memory: no path of the visitor's reaches a disk (security.md WB-06). */
export function fileRoutes(releases: Releases): readonly Route[] {
  const names = cubeNames.flatMap((cube) => [[cube, 'csv'] as const, [cube, 'arrow'] as const])
  return [...names, ['release', 'json'] as const, ['manifest', 'json'] as const].map(([stem, kind]) => ({
    method: 'get',
    path: `/files/${stem}.${kind}`,
    permission: 'published',
    handle(_request, response) {
      const release = releases.current()
      const bytes = release?.files.get(`${stem}.${kind}`)
      if (!release || !bytes) return answerProblem(response, 404)
      response.set({
        'Content-Type': types[kind],
        'Content-Disposition': `attachment; filename="${release.description.id}-${stem}.${kind}"`,
        ETag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
      })
      response.send(bytes)
    },
  }))
}
