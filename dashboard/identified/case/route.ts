import type { Request, Response } from 'express'
import { mayOpenCase } from '../../access/casePolicy.ts'
import { record, sessionOf, type Restricted } from '../../access/restricted.ts'
import { answerProblem } from '../../problems.ts'
import type { Route } from '../../routes.ts'
import { sealedCases } from '../../../store/seals.ts'
import { servePage } from '../servePage.ts'
import { findCase } from './findCase.ts'
import { readCase } from './readCase.ts'
import { timelineChart } from './timelineChart.ts'
import { buildCase } from './viewModel.ts'

export function caseRoute(restricted: Restricted): Route {
  return {
    method: 'get',
    path: '/cases/:ref',
    permission: 'case',
    handle: servePage((request, response) => showCase(restricted, request, response)),
  }
}

/**
 * A case that is sealed goes the same way as one that does not exist. The audit entry is on the disk before anything of the case is read (security.md ID-06). A case in another place and a
 * case that does not exist go the same way and get the same answer (AZ-04); the audit knows which it was.
 */
async function showCase(restricted: Restricted, request: Request, response: Response): Promise<void> {
  const visitor = sessionOf(response)?.visitor ?? null
  const caseRef = String(request.params['ref'])
  const rows = await restricted.versions.read(async (data) => {
    const found = await findCase(data, caseRef)
    const isSealed = (await sealedCases(restricted.app)).includes(caseRef)
    const isAllowed = found !== null && !isSealed && mayOpenCase(visitor, found.place)
    record(restricted, response, {
      action: 'case',
      outcome: isAllowed ? 'allowed' : 'denied',
      subject: found?.auditRef ?? null,
      dataVersion: data.id,
    })
    return isAllowed ? readCase(data, found) : null
  })
  if (rows === null) return answerProblem(response, 404)
  response.render('identified/case/page.njk', { view: buildCase(rows), chart: timelineChart(rows.timeline, rows.asOf) })
}
