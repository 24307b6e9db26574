import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DsrError } from '../register/errors.ts'
import type { Settings } from '../register/settings.ts'
import type { Deployment } from '../store/deployment.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import { checkOf } from './checks.ts'
import { explain, shareProblem } from './landing/landWaiting.ts'
import { findCorrections } from './corrections/findCorrections.ts'
import { findFiles } from './landing/findFiles.ts'
import { pullProblems } from './pull/pullProblems.ts'
import { readContracts } from './readContracts.ts'
import { stageDelivery, type Tally } from './stage/stageDelivery.ts'
import { numberIn, query } from './statement.ts'

export interface CheckedFile {
  readonly feed: string
  readonly file: string
  /** Why the file as a whole would not be taken; empty where it would. */
  readonly problems: readonly string[]
  readonly tallies: readonly Tally[]
  /** What would be found in its records, most frequent first. */
  readonly faults: readonly {
    readonly column: string
    readonly code: string
    readonly severity: string
    readonly records: number
    /** The first of them, as the sheet or file numbers its rows, and the sheet it is on. */
    readonly firstRow: number
    readonly sheet: string
    readonly sentence: string
    readonly remedy: string
  }[]
}

/**
 * Holds every contract against the files that wait for it, and says all that does not fit. Nothing is written: the
 * reading is done in memory, its spill encrypted, and no key is needed.
 * @throws DsrError 'input' where a contract itself is wrong
 */
export async function checkContracts(deployment: Deployment, settings: Settings): Promise<readonly CheckedFile[]> {
  const contracts = readContracts(deployment)
  const folder = join(deployment.work, `check-${process.pid}`)
  mkdirSync(join(folder, 'spill'), { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [],
    tempDirectory: join(folder, 'spill'),
  })
  try {
    const checked: CheckedFile[] = []
    for (const contract of contracts) {
      const missing = pullProblems(deployment, contract)
      if (missing.length > 0)
        checked.push({ feed: contract.feed, file: 'its contract', problems: missing, tallies: [], faults: [] })
      // Corrections are judged beside the extract that they belong to, which only a run opens.
      const corrections = findCorrections(deployment, contract).map(({ path }) => path)
      for (const file of findFiles(deployment, contract).filter(({ path }) => !corrections.includes(path))) {
        try {
          const staged = await stageDelivery(
            database.connection,
            folder,
            contract,
            file.path,
            undefined,
            settings.consent_rules,
          )
          const counts = await query(
            database.connection,
            'count faults',
            `select fault, count(*) as records, min(sheet) as sheet, arg_min(record, sheet * 1e12 + record) as first_row
            from faults group by fault order by records desc, fault`,
          )
          const told = new Set<string>()
          const faults = counts.flatMap((row) => {
            const kind = staged.faultKinds.find((candidate) => candidate.id === numberIn(row, 'fault'))
            // One column can feed two fields: the agency is told once.
            if (!kind || told.has(`${kind.column} ${kind.code}`)) return []
            told.add(`${kind.column} ${kind.code}`)
            const { sentence, remedy } = checkOf(kind.code)
            return [
              {
                column: kind.column,
                code: kind.code,
                severity: kind.severity,
                records: numberIn(row, 'records'),
                firstRow: numberIn(row, 'first_row'),
                sheet: staged.raw[numberIn(row, 'sheet')]?.sheet ?? '',
                sentence,
                remedy,
              },
            ]
          })
          const problem = shareProblem(settings, staged.tallies)
          checked.push({
            feed: contract.feed,
            file: file.name,
            problems: problem === null ? [] : [problem],
            tallies: staged.tallies,
            faults,
          })
        } catch (error) {
          if (!(error instanceof DsrError) || error.kind !== 'input') throw error
          checked.push({
            feed: contract.feed,
            file: file.name,
            problems: explain(contract, file, error),
            tallies: [],
            faults: [],
          })
        }
      }
    }
    return checked
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
