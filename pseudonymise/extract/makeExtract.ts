import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { versionFiles } from '../../store/deployment.ts'
import { makeTempDirectory, openDuckDB } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'
import { closedValues } from '../closedValues.ts'
import { runSql } from '../runSql.ts'
import { choosePeople, type ChosenPeople } from './choosePeople.ts'
import { coarserColumn, lookupName } from './coarserColumn.ts'
import { countRows, findTooFew, leaveOut, makeRung, type RungTable, type TooFew } from './groupSizes.ts'
import { keyOf, planExtract, type Coarsened, type ExtractPlan } from './planExtract.ts'
import type { Coarsening, Project } from './project.ts'
import { readProject } from './readProject.ts'
import { checkExtractFile, writeExtractFile, type WrittenFile } from './writeExtractFile.ts'
import { writeReadme } from './writeReadme.ts'

/** What was done to make an extract: counts, names of columns and words of the project; written beside the files. */
export interface ExtractReport {
  readonly project: string
  readonly version: string
  /** Day of the version. */
  readonly asOf: string
  readonly people: ChosenPeople & { readonly inExtract: number }
  /** Each combination of telling values is shared by at least so many people. */
  readonly minGroup: number
  /** Steps of the ladder that were needed, of how many. */
  readonly rung: number
  readonly rungs: number
  readonly columns: readonly ExtractColumn[]
  readonly leftOut: TooFew
  readonly files: readonly WrittenFile[]
}

export interface ExtractColumn {
  readonly table: string
  readonly column: string
  /** Heading in the file; null: dropped. */
  readonly heading: string | null
  /** In words how it was made coarser; null: as in the store. */
  readonly coarser: string | null
  /** Rows in which it has a value that was made coarser. */
  readonly rows: number
  readonly isKnownOutside: boolean
}

/**
 * An external project's extract from the current version (docs/external-extracts.md): chosen columns of people who did not opt
 * out, under pseudonyms that no other project has, made coarser step by step until at least `minGroup` people share each
 * combination of telling values.
 * @param folder a new folder; whoever called moves it into place
 * @throws DsrError `input` where the limit is not reached, or the project does not fit; `leak` from the guard
 */
export async function makeExtract(
  step: Step<'store' | 'pseudonym'>,
  name: string,
  folder: string,
): Promise<ExtractReport> {
  const project = readProject(step.deployment, name)
  if (project.valid_until < step.asOf)
    throw new DsrError(
      'input',
      `The agreement of project ${name} ended on ${project.valid_until}.`,
      'When it has been prolonged, write its new last day as valid_until.',
    )
  const plan = planExtract(project, readDictionary())
  const files = versionFiles(step.versionFolder)
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: step.keys.store, readOnly: true },
      { path: files.warehouse, alias: 'warehouse', readOnly: true },
    ],
    tempDirectory: makeTempDirectory(join(step.deployment.work, 'extract')),
    lockDown: true,
  })
  try {
    return await extractInto(database.connection, step, project, plan, folder)
  } finally {
    database.close()
  }
}

async function extractInto(
  connection: DuckDBConnection,
  step: Step<'store' | 'pseudonym'>,
  project: Project,
  plan: ExtractPlan,
  folder: string,
): Promise<ExtractReport> {
  const people = await choosePeople(connection, step.keys.pseudonym, project)
  step.report(sentenceOfPeople(people, project))
  const minGroup = Math.max(step.settings.extract_min_group, project.min_group ?? 0)
  const { rung, tables, tooFew } = await climb(connection, step, plan, people.chosen, minGroup)
  const leftOut = await leaveOutFew(connection, project, tables, tooFew, people.chosen, minGroup)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files: WrittenFile[] = []
  for (const table of tables) {
    const path = join(folder, `${table.name}.csv`)
    files.push(await writeExtractFile(connection, table, path))
    await checkExtractFile(table, path)
  }
  const report: ExtractReport = {
    project: project.name,
    version: basename(step.versionFolder),
    asOf: step.asOf,
    people: { ...people, inExtract: people.chosen - leftOut.people },
    minGroup,
    rung,
    rungs: plan.rungs.length - 1,
    columns: await describeColumns(connection, plan, rung, tables),
    leftOut,
    files,
  }
  writeFileSync(join(folder, 'extract.json'), `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'README.md'), writeReadme(project, report), { mode: 0o600 })
  return report
}

/** Takes the rungs in order and stays on the first on which every group is large enough, or on the last. */
async function climb(
  connection: DuckDBConnection,
  step: Step<'store' | 'pseudonym'>,
  plan: ExtractPlan,
  chosen: number,
  minGroup: number,
): Promise<{ readonly rung: number; readonly tables: readonly RungTable[]; readonly tooFew: TooFew }> {
  if (chosen < minGroup)
    throw new DsrError(
      'input',
      `${chosen} people may be in this extract, fewer than the ${minGroup} who must share each combination.`,
      'Make it when more people are on the register, or see why people were left out (opt_out_not_recorded).',
    )
  const values = closedValues(step)
  await runSql(
    connection,
    'making look-ups',
    'create temp table coarser (lookup varchar, code varchar, coarse varchar)',
  )
  for (const [rung, { coarsened }] of plan.rungs.entries()) {
    const tables = plan.tables.map(({ name, columns }) => ({
      name,
      columns: columns
        .map((column) => coarserColumn(column, coarsened.get(keyOf(column)) ?? null, values))
        .filter((column) => column !== null),
    }))
    await loadLookups(connection, tables)
    await makeRung(connection, tables)
    const tooFew = await findTooFew(connection, tables, minGroup)
    step.report(`step ${rung} of ${plan.rungs.length - 1}: ${sentenceOfFew(tooFew, minGroup)}`)
    if (rung === plan.rungs.length - 1 || isNone(tooFew)) return { rung, tables, tooFew }
  }
  throw new Error('a ladder without a rung')
}

async function loadLookups(connection: DuckDBConnection, tables: readonly RungTable[]): Promise<void> {
  await runSql(connection, 'making look-ups', 'delete from coarser')
  const appender = await connection.createAppender('coarser')
  for (const { column, step, lookup } of tables.flatMap(({ columns }) => columns)) {
    if (step === null || lookup === null) continue
    for (const [code, coarse] of lookup) {
      for (const text of [lookupName(column, step), code, coarse]) appender.appendVarchar(text)
      appender.endRow()
    }
  }
  appender.closeSync()
}

/** Leaves the rest out where the project allows so much; otherwise there is no extract. */
async function leaveOutFew(
  connection: DuckDBConnection,
  project: Project,
  tables: readonly RungTable[],
  tooFew: TooFew,
  chosen: number,
  minGroup: number,
): Promise<TooFew> {
  if (isNone(tooFew)) return tooFew
  const shares: (readonly [table: string, few: number, all: number])[] = [['people', tooFew.people, chosen]]
  for (const [table, few] of Object.entries(tooFew.rows)) {
    shares.push([table, few, await countRows(connection, `x_${table}`)])
  }
  const beyond = shares.filter(([, few, all]) => few > all * project.leave_out_up_to)
  if (beyond.length > 0 || tooFew.people === chosen)
    throw new DsrError(
      'input',
      `Project ${project.name} cannot be extracted: after its last step not every combination is shared by ${minGroup} people.\n${shares
        .filter(([, few]) => few > 0)
        .map(([table, few, all]) => `${table}: ${few} of ${all} are in groups under ${minGroup}`)
        .join('\n')}`,
      `Add steps to its ladder, take columns out, or allow more to be left out (leave_out_up_to, now ${project.leave_out_up_to}, at most 0.2).`,
    )
  await leaveOut(connection, tables)
  if (!isNone(await findTooFew(connection, tables, minGroup)))
    throw new Error('leaving out made another group too small')
  return tooFew
}

function isNone({ people, rows }: TooFew): boolean {
  return people === 0 && Object.values(rows).every((few) => few === 0)
}

async function describeColumns(
  connection: DuckDBConnection,
  plan: ExtractPlan,
  rung: number,
  tables: readonly RungTable[],
): Promise<readonly ExtractColumn[]> {
  const coarsened: Coarsened = plan.rungs[rung]?.coarsened ?? new Map()
  const described: ExtractColumn[] = []
  for (const column of plan.tables.flatMap(({ columns }) => columns)) {
    const step = coarsened.get(keyOf(column)) ?? null
    const made = tables
      .find(({ name }) => name === column.table)
      ?.columns.find((candidate) => keyOf(candidate.column) === keyOf(column))
    described.push({
      table: column.table,
      column: column.name,
      heading: made?.name ?? null,
      coarser: step === null ? null : wordsOf(step),
      rows: made && step !== null ? await countValues(connection, column.table, made.name) : 0,
      isKnownOutside: column.isKnownOutside,
    })
  }
  return described
}

async function countValues(connection: DuckDBConnection, table: string, heading: string): Promise<number> {
  const [row] = await runSql(
    connection,
    `counting values of ${table}`,
    `select count("${heading}") as rows from "x_${table}"`,
  )
  return Number(row?.['rows'] ?? 0)
}

function wordsOf({ to, groups, bands }: Coarsening): string {
  if (to === 'drop') return 'dropped'
  if (groups) return `grouped: ${Object.keys(groups).join(', ')}`
  if (bands) return `in bands from ${bands.join(', ')}`
  return (to ?? '').replaceAll('_', ' ')
}

function sentenceOfPeople({ onRegister, optedOut, optOutNotRecorded, chosen }: ChosenPeople, project: Project): string {
  const unknown =
    project.opt_out_not_recorded === 'leave_out'
      ? `${optOutNotRecorded} left out because no agency says whether they did`
      : `${optOutNotRecorded} kept of whom no agency says whether they did`
  return `${onRegister} people on the register, ${optedOut} left out because they opted out, ${unknown}: ${chosen} remain`
}

function sentenceOfFew({ people, rows }: TooFew, minGroup: number): string {
  const parts = [`${people} people`, ...Object.entries(rows).map(([table, few]) => `${few} rows of ${table}`)]
  return `${parts.join(', ')} in groups under ${minGroup}`
}
