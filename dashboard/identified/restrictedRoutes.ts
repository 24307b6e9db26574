import type { Restricted } from '../access/restricted.ts'
import { pageRoutes } from '../figurePages.ts'
import type { Route } from '../routes.ts'
import { auditRoute } from './audit/route.ts'
import { caseRoute } from './case/route.ts'
import { exactFigures } from './exact/exactFigures.ts'
import { qualityRoute } from './quality/route.ts'
import { servePage } from './servePage.ts'
import { sessionRoute } from './sessionRoute.ts'
import { usersRoute } from './users/route.ts'
import { worklistRoute } from './worklist/route.ts'

/**
 * Every page of the restricted zone, with its permission; the sign-in comes beside them.
 * @param icbs ODS codes of the deployment's ICBs
 */
export function restrictedRoutes(restricted: Restricted, icbs: readonly string[]): readonly Route[] {
  const exact = pageRoutes(exactFigures(restricted, icbs), 'restricted')
  return [
    sessionRoute,
    worklistRoute(restricted),
    caseRoute(restricted),
    qualityRoute(restricted),
    auditRoute(restricted),
    usersRoute(restricted),
    ...exact.map((route) => ({ ...route, handle: servePage(route.handle) })),
  ]
}
