import { pullFeeds } from '../../ingest/pull/pullFeeds.ts'
import { readContracts } from '../../ingest/readContracts.ts'
import { DsrError } from '../../register/errors.ts'
import { nearest } from '../../register/nearest.ts'
import type { Contract } from '../../ingest/contract.ts'
import { readSettings } from '../../store/deployment.ts'
import { lockDeployment } from '../../store/lock.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const pull: Verb = {
  name: 'pull',
  summary: 'Fetches new files from where the contracts say (a share, HTTPS, SFTP), so that dsr run finds them.',
  example: 'dsr pull council',
  arguments: '[FEED …]',
  options: jsonOption,
  async perform({ deployment, values, positionals }) {
    readSettings(deployment)
    const contracts = chosen(readContracts(deployment), positionals)
    const isJson = values['json'] === true
    const lock = lockDeployment(deployment)
    try {
      const feeds = await pullFeeds(deployment, contracts, (line) => {
        if (!isJson) print(line)
      })
      if (isJson) printJson(feeds)
      else if (feeds.length === 0) print('No contract says where its files are to be fetched (from.pull).')
      const problems = feeds.flatMap((feed) => feed.problems)
      if (problems.length > 0)
        throw new DsrError(
          'input',
          problems.join('\n'),
          'What else was new has been fetched. Put this right, then run: dsr pull',
        )
    } finally {
      lock.release()
    }
  },
}

/** The contracts of the named feeds; all of them where none is named. */
function chosen(contracts: readonly Contract[], feeds: readonly string[]): readonly Contract[] {
  if (feeds.length === 0) return contracts
  return feeds.map((feed) => {
    const found = contracts.find((contract) => contract.feed === feed)
    if (!found) {
      const like = nearest(
        feed,
        contracts.map((contract) => contract.feed),
      )
      throw new DsrError(
        'input',
        `There is no feed ${feed}${like === null ? '' : `; the nearest is ${like}`}.`,
        'Run: dsr pull',
      )
    }
    if (!('folder' in found.from) || found.from.pull === undefined)
      throw new DsrError(
        'input',
        `The contract of ${feed} does not say where to fetch its files.`,
        'Add from.pull to it.',
      )
    return found
  })
}
