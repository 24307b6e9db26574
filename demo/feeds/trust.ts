import { join } from 'node:path'
import { isoDay, serialDay, slashDay, type Day } from '../world/days.ts'
import { makeNote } from '../world/makeIssues.ts'
import { reviewSummaries } from '../world/notes.ts'
import { makeRandom } from '../world/random.ts'
import type { Person } from '../world/person.ts'
import { openWorkbook, type Cell, type Sheet } from '../write/workbook.ts'
import {
  mentionsIn,
  narrative,
  openIssues,
  plantEvery,
  wholeLife,
  type BadRow,
  type FeedContext,
  type FeedWriter,
} from './feedWriter.ts'
import { readLabels, type Labels } from './labels.ts'
import { wrongCheckDigit } from './quirks.ts'

const patientHeadings = [
  'Trust no.',
  'Patient',
  'DoB',
  'Gender',
  'Ethnic group',
  'NHS no',
  'zz lookup (do not delete)',
  'Home address',
  'Home postcode',
  'Home LSOA',
  'Contact no',
  'LD',
  'ASD',
  'AIS need',
  'Commissioner',
  'LA',
  'Register',
  'Referred',
  'Referrer',
  'DSR decision',
  'Declined because',
  'Triage date',
  'On DSR',
  'Off DSR',
  'Off reason',
  'DSR consent',
  'Consent on',
  'Presenting risks',
  'Narrative',
  'Narrative date',
  'Interventions tried',
  'Suggestions',
  'Care co-ordinator',
  'CC phone',
  'CC e-mail',
  'Last seen',
  'Consultant code',
]
const trustName = 'Fell and Estuary Partnership NHS Trust'

/** A trust: one workbook of five sheets that hang on the first by the trust's own number. */
export function writeTrust(context: FeedContext, decoys: readonly Person[]): FeedWriter {
  const label = readLabels('trust')
  const workbook = openWorkbook(join(context.folder, `dsr_caseload_${isoDay(context.asOf - 1)}.xlsx`), [
    { name: 'Patients', hidden: [patientHeadings.indexOf('zz lookup (do not delete)') + 1] },
    { name: 'Reviews' },
    { name: 'RAG history' },
    { name: 'CTRs' },
    { name: 'Admissions' },
  ])
  const [patients, reviews, ratings, cetrs, stays] = workbook.sheets
  if (!patients || !reviews || !ratings || !cetrs || !stays) throw new Error('the workbook has five sheets')
  patients.row([`${trustName} – Dynamic Support caseload`])
  patients.row([`Position at ${slashDay(context.until)}, all localities. MADE-UP PEOPLE, nobody in it is real.`])
  patients.row([])
  patients.row(patientHeadings)
  startSheet(reviews, 'Meetings recorded against DSR patients', [
    'Trust no.',
    'Met on',
    'Type',
    'Agencies in the room',
    'Next due',
    'Risks discussed',
    'Note',
  ])
  ratings.row(['Every RAG set, oldest first within a patient'])
  startSheet(ratings, 'Score is our own 25-point tool', ['Trust no.', 'From', 'RAG', 'Score', 'Set by'])
  startSheet(cetrs, 'Care (education) and treatment reviews', ['Trust no.', 'Kind', 'Planned for', 'Held on', 'Result'])
  startSheet(stays, 'Hospital stays, any provider', [
    'Trust no.',
    'Bed',
    'Security',
    'MHA',
    'Admitted',
    'Discharged',
    'Planned?',
    'On DSR before?',
    'Km from home',
  ])

  const badRows: BadRow[] = []
  let accepted = 0
  const nextBad = plantEvery(badRecords, context.people * 0.45)
  const write = (sheet: Sheet, cells: readonly Cell[]): void => {
    sheet.row(cells)
    accepted++
  }

  return {
    add(person) {
      const number = person.localIds.trust ?? ''
      const patient = patientCells(label, person)
      write(patients, patient)
      writeReviews(label, person, (cells) => write(reviews, [number, ...cells]))
      for (const { rating, from } of person.ratings) {
        const score = { red: 20, amber: 13, green: 6, blue: 22 }[rating] + (person.index % 4)
        write(ratings, [number, day(from, 'none'), label.of('ratings', 'rating', rating), score, 'LD nurse'])
      }
      for (const { kind, due, held, outcome } of person.cetrs) {
        write(cetrs, [
          number,
          label.of('cetrs', 'kind', kind),
          day(due),
          day(held),
          label.of('cetrs', 'outcome', outcome),
        ])
      }
      for (const stay of person.stays) {
        const hour = 0.25 + (person.index % 11) / 24
        write(stays, [
          number,
          label.of('admissions', 'bed_type', stay.bed),
          label.of('admissions', 'ward_security', stay.security),
          label.of('admissions', 'mha_code', stay.mha),
          { serial: serialDay(stay.admitted) + hour, format: 'time' },
          stay.discharged === null ? null : { serial: serialDay(stay.discharged) + 0.5, format: 'time' },
          label.of('admissions', 'planned', stay.planned),
          stay.onRegisterBefore ? 'Yes' : 'No',
          stay.kilometres,
        ])
      }
      const bad = nextBad()
      const decoy = bad ? decoys[badRecords.indexOf(bad)] : undefined
      if (!bad || !decoy) return
      const sheet = workbook.sheets.find(({ name }) => name === bad.sheet)
      const line = sheet?.row(
        bad.cells({
          number,
          patient,
          decoy: patientCells(label, decoy),
          wrongNumber: wrongCheckDigit(decoy),
          asOf: context.asOf,
        }),
      )
      badRows.push({ sheet: bad.sheet, line: line ?? 0, code: bad.code, column: bad.column })
    },
    flush: () => workbook.flush(),
    async finish() {
      await workbook.close()
      const duplicates = badRows.filter(({ code }) => code === 'duplicate_record').length
      return {
        read: accepted + badRows.length,
        accepted,
        quarantined: badRows.length - duplicates,
        duplicates,
        badRows,
      }
    },
  }
}

function startSheet(sheet: Sheet, title: string, headings: readonly string[]): void {
  sheet.row([title])
  sheet.row([])
  sheet.row(headings)
}

function patientCells(label: Labels, person: Person): readonly Cell[] {
  const episode = wholeLife(person)
  if (!episode) throw new Error('not a person of the register')
  const { entry } = episode
  const word = (table: string, field: string, code: string | null): string => label.of(table, field, code)
  const consent = person.consents.at(-1)
  // Where the withdrawal was told to another agency, this one still has the consent from before.
  const isWithdrawn =
    consent !== undefined && consent.withdrawn !== null && !person.planted.includes('withdrawn_elsewhere_yes')
  const story = narrative(person)
  const coordinator = person.professionals.trust
  const number = person.nhsNumber
  const spaced =
    person.index % 3 === 0
      ? (number?.replace(/^(...)(...)/, '$1 $2 ') ?? null)
      : number === null
        ? null
        : Number(number)
  return [
    person.localIds.trust ?? '',
    `${person.familyName}, ${person.givenName}`,
    day(person.born),
    word('people', 'sex_code', person.sex),
    word('people', 'ethnic_code', person.ethnic),
    spaced,
    `${person.familyName.slice(0, 3)}|${isoDay(person.born).replaceAll('-', '')}`,
    `${person.street}, ${person.town}`,
    person.postcode,
    person.lsoa,
    person.phone,
    word('people', 'ld_status', person.learningDisability),
    word('people', 'autism_status', person.autism),
    person.communication,
    word('people', 'responsible_icb_ods', person.icb),
    word('people', 'responsible_utla_gss', person.council),
    word('entries', 'register_scope', entry.scope),
    day(entry.referred),
    word('entries', 'referrer_role', entry.referrer),
    word('entries', 'decision', entry.decision),
    word('entries', 'rejection_reason', entry.rejection),
    day(entry.triaged),
    day(entry.accepted),
    day(entry.closed),
    word('entries', 'closure_reason', entry.closure),
    person.path === 'unrecorded' && person.index % 2 === 0
      ? 'Not recorded'
      : word('consents', 'basis', isWithdrawn ? 'K91' : (consent?.basis ?? null)),
    day(isWithdrawn ? consent.withdrawn : (consent?.decided ?? null)),
    openIssues(person)
      .map(({ theme, begun }) => `${word('issues', 'theme_code', theme)} since ${slashDay(begun)}`)
      .join('; '),
    story?.text ?? null,
    day(story?.day ?? null),
    person.strategies
      .map(
        ({ code, outcome }) =>
          `${word('strategies', 'strategy_code', code)} = ${word('strategies', 'outcome', outcome)}`,
      )
      .join('; '),
    story === null ? null : person.suggestion,
    `${coordinator.name} (${coordinator.role})`,
    coordinator.phone,
    coordinator.email,
    day(coordinator.lastContact),
    `C${7000 + (person.index % 60)}`,
  ]
}

function writeReviews(label: Labels, person: Person, write: (cells: readonly Cell[]) => void): void {
  const random = makeRandom(person.index, 31)
  const episode = wholeLife(person)
  const mentions = episode ? mentionsIn(person.issues, episode) : []
  for (const held of person.reviews) {
    const risks = mentions
      .filter((mention) => mention.day === held)
      .map(({ theme }) => label.of('issues', 'theme_code', theme))
    const note = random.chance(0.3)
      ? makeNote(random, null, person.givenName)
      : random.pick(reviewSummaries).replaceAll('{name}', person.givenName)
    write([
      day(held),
      'DSR review',
      random.pick(['Trust', 'Trust; ASC', 'Trust; ASC; ICB', 'Trust; CSC; SEND', 'Trust; Provider']),
      null,
      risks.join('; '),
      note,
    ])
  }
  for (const { day: met, kind } of person.otherReviews) {
    write([day(met), label.of('reviews', 'kind', kind), 'Trust; ICB', null, null, null])
  }
}

function day(value: Day | null, format: 'date' | 'none' = 'date'): Cell {
  return value === null ? null : { serial: serialDay(value), format }
}

interface Around {
  readonly number: string
  readonly patient: readonly Cell[]
  /** A patient of whom the workbook says nothing else. */
  readonly decoy: readonly Cell[]
  readonly wrongNumber: string
  readonly asOf: Day
}

interface BadCells {
  readonly sheet: string
  readonly code: string
  readonly column: string | null
  readonly cells: (around: Around) => readonly Cell[]
}

const replaced = (cells: readonly Cell[], heading: string, cell: Cell): readonly Cell[] =>
  cells.map((old, index) => (patientHeadings[index] === heading ? cell : old))

const badRecords: readonly BadCells[] = [
  {
    sheet: 'Patients',
    code: 'nhs_number_check_digit',
    column: 'NHS no',
    cells: ({ decoy, wrongNumber }) => replaced(decoy, 'NHS no', wrongNumber),
  },
  {
    sheet: 'Reviews',
    code: 'parent_row_missing',
    column: 'Trust no.',
    cells: ({ asOf }) => ['D0000001', day(asOf - 40), 'DSR review', 'Trust', null, null, null],
  },
  { sheet: 'Patients', code: 'duplicate_record', column: null, cells: ({ patient }) => patient },
  {
    sheet: 'Reviews',
    code: 'impossible_date',
    column: 'Met on',
    cells: ({ number }) => [number, '31/02/2026', 'DSR review', 'Trust', null, null, null],
  },
  {
    sheet: 'RAG history',
    code: 'code_not_in_list',
    column: 'RAG',
    cells: ({ number, asOf }) => [number, day(asOf - 30, 'none'), 'Purple - unsure', 9, 'LD nurse'],
  },
  {
    sheet: 'Patients',
    code: 'required_value_missing',
    column: 'DoB',
    cells: ({ decoy }) => replaced(decoy, 'DoB', null),
  },
  {
    sheet: 'CTRs',
    code: 'date_in_future',
    column: 'Held on',
    cells: ({ number, asOf }) => [number, 'Community CTR', day(asOf + 30), day(asOf + 30), 'Support in community'],
  },
]
