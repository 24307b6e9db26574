import type { Releases } from './releaseFigures.ts'
import type { Route } from './routes.ts'

/** `live`: the process answers. `ready`: it has figures to serve. Neither says more than that. */
export function healthRoutes(releases: Releases): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/health/live',
      permission: 'public',
      handle: (_request, response) => void response.json({ status: 'live' }),
    },
    {
      method: 'get',
      path: '/health/ready',
      permission: 'public',
      handle(_request, response) {
        const isReady = releases.current() !== null
        response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'no release yet' })
      },
    },
  ]
}
