import type { Request, Response } from 'express'
import { AuditUnavailable } from '../../store/audit.ts'
import { answerProblem } from '../problems.ts'
import { Unavailable } from './openVersions.ts'

type Handle = (request: Request, response: Response) => Promise<void> | void

/** Answers 503 when there is no data to read or no audit to write, and leaves everything else to the app. */
export function servePage(handle: Handle): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    try {
      await handle(request, response)
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof AuditUnavailable)) throw error
      answerProblem(response, 503)
    }
  }
}
