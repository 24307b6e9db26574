import { sessionOf } from '../access/restricted.ts'
import { roleNames } from '../access/permissions.ts'
import type { Route } from '../routes.ts'

/**
 * Answers the open process's question who the visitor is, for its navigation. The open process never passes this path
 * through, and looking here does not keep a session alive.
 */
export const sessionRoute: Route = {
  method: 'get',
  path: '/session',
  permission: 'public',
  handle: (_request, response) => {
    const visitor = sessionOf(response)?.visitor ?? null
    response.json({
      visitor: visitor && {
        name: visitor.name,
        role: visitor.role,
        places: visitor.places,
        roleLabel: roleNames[visitor.role],
      },
    })
  },
}
