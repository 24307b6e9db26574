import type { Request, Response } from 'express'
import { z } from 'zod'
import { placesInList } from '../../access/casePolicy.ts'
import { record, sessionOf, type Restricted } from '../../access/restricted.ts'
import { answerProblem } from '../../problems.ts'
import type { Route } from '../../routes.ts'
import { sealedCases } from '../../../store/seals.ts'
import { servePage } from '../servePage.ts'
import { readWorklist, worklistStates, type WorklistFilter } from './readWorklist.ts'
import { buildWorklist } from './viewModel.ts'

const chosenOrAll = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.literal('').transform(() => null), schema]).default(null as never)

/** Codes only: no name, number or date of birth has a place in an address (security.md AZ-05, WB-03). */
const querySchema = z.strictObject({
  icb: chosenOrAll(z.string().regex(/^[A-Z0-9]{3,5}$/)),
  rating: chosenOrAll(z.enum(['red', 'amber', 'green', 'blue'])),
  state: chosenOrAll(z.enum(worklistStates)),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
})

export function worklistRoute(restricted: Restricted): Route {
  return {
    method: 'get',
    path: '/worklist',
    permission: 'worklist',
    handle: servePage((request, response) => showWorklist(restricted, request, response)),
  }
}

async function showWorklist(restricted: Restricted, request: Request, response: Response): Promise<void> {
  const query = querySchema.safeParse({ ...request.query })
  if (!query.success) return answerProblem(response, 400)
  const { icb, rating, state, page } = query.data
  const visitor = sessionOf(response)?.visitor ?? null
  const sealed = await sealedCases(restricted.app)
  const filter: WorklistFilter = { places: placesInList(visitor, icb), rating, state, sealed, page }
  const view = await restricted.versions.read(async (data) => {
    record(restricted, response, { action: 'worklist', outcome: 'allowed', dataVersion: data.id })
    return buildWorklist(await readWorklist(data, filter), filter, visitor?.places ?? [], icb, data.asOf)
  })
  response.render('identified/worklist/page.njk', { view })
}
