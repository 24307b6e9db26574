import type { Response } from 'express'
import { record, type Restricted } from '../../access/restricted.ts'
import type { Route } from '../../routes.ts'
import { servePage } from '../servePage.ts'
import { readQuality } from './readQuality.ts'
import { buildQuality } from './viewModel.ts'

export function qualityRoute(restricted: Restricted): Route {
  return {
    method: 'get',
    path: '/quality',
    permission: 'quality',
    handle: servePage((_request, response) => showQuality(restricted, response)),
  }
}

async function showQuality(restricted: Restricted, response: Response): Promise<void> {
  const view = await restricted.versions.read(async (data) => {
    record(restricted, response, { action: 'quality', outcome: 'allowed', dataVersion: data.id })
    return buildQuality(await readQuality(data))
  })
  response.render('identified/quality/page.njk', { view })
}
