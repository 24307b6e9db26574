import { join } from 'node:path'
import { isoDay, slashDay, type Day } from '../world/days.ts'
import type { Action, Person } from '../world/person.ts'
import { openTextFile } from '../write/textFile.ts'
import { writeDelimited, type Damage, type Values } from './delimitedFeed.ts'
import {
  episodeOf,
  mentionsIn,
  narrative,
  openIssues,
  plantEvery,
  ratingNow,
  within,
  type FeedContext,
  type FeedWriter,
} from './feedWriter.ts'
import { readLabels } from './labels.ts'
import { oldAddress, wrongCheckDigit } from './quirks.ts'

const three = [1, 2, 3]
const headings = [
  'Person No',
  'Council',
  'NHS area',
  'NHS Number',
  'Last name',
  'First name',
  'Known as',
  'Born',
  'Sex',
  'Ethnicity',
  'House & street',
  'Town',
  'Postcode',
  'LSOA 2021',
  'Keep address private',
  'Telephone',
  'Learning disability',
  'Autism',
  'Lives in',
  'EHCP',
  'Communication',
  'Adjustments',
  'Interpreter',
  'Data opt-out',
  'Died',
  'Referred on',
  'Referred by',
  'Why referred',
  'Colour asked for',
  'Triage outcome',
  'Triaged on',
  'Onto register',
  'Off register',
  'Why off',
  'Keyworker',
  'Level now',
  'Consent',
  'Given by',
  'Consent last confirmed',
  'Consent ended',
  'RAG now',
  'RAG now since',
  'RAG history',
  'DSR meetings held',
  ...three.flatMap((n) => [`Main risk ${n}`, `Since ${n}`]),
  'Risk history',
  'What is happening',
  'Written on',
  ...[1, 2].flatMap((n) => [`Tried ${n}`, `Tried on ${n}`, `Helped ${n}`]),
  'What could help',
  ...three.flatMap((n) => [
    `Service ${n}`,
    `Status ${n}`,
    `Asked for ${n}`,
    `Why not ${n}`,
    `Lead ${n}`,
    `Target ${n}`,
  ]),
  'Finished services',
  'Escalated on',
  'Escalated to level',
  'Escalated to',
  'Crisis plan dated',
  'Safeguarding enquiry open',
  'Allocated worker',
  'Worker phone',
  'Worker e-mail',
  'Last seen',
  'Report line',
  'Cost centre',
]
const delimiter = ','

/** Adult social care: a wide CSV in Windows text, with two lines of title and a total at the end. */
export function writeCouncils(context: FeedContext, decoys: readonly Person[]): FeedWriter {
  const label = readLabels('councils')
  const cut = context.asOf - 2
  const text = openTextFile(join(context.folder, `adult_social_care_${isoDay(cut)}.csv`), 'windows-1252')
  text.write(`Adult social care – Dynamic Support Register return, all councils of the area\r\n`)
  text.write(`Report LAS-114b run ${slashDay(cut)} 18:42 – MADE-UP PEOPLE, nobody in it is real\r\n`)
  text.write(
    `${headings.map((heading) => (heading.includes(delimiter) ? `"${heading}"` : heading)).join(delimiter)}\r\n`,
  )
  const file = writeDelimited(text, headings, delimiter, 4)
  const nextBad = plantEvery(badRecords(decoys, context.asOf), context.people * 0.55)
  let line = 0

  const valuesOf = (person: Person): Values => {
    const episode = episodeOf(person, 'adult')
    if (!episode) throw new Error('not a person of the adult register')
    const isWithin = within(episode)
    const { entry } = episode
    const turn = person.index
    const word = (table: string, field: string, code: string | null): string => label.of(table, field, code, turn)
    const consent = person.consents.filter(({ scope }) => scope === 'adult').at(-1)
    const now = ratingNow(person, episode)
    const earlier = person.ratings.filter((rating) => isWithin(rating.from) && rating !== now)
    const risks = openIssues(person).slice(0, 3)
    const history = mentionsIn(person.issues, episode).filter(
      ({ theme, day }) => !risks.some((risk) => risk.theme === theme && risk.begun === day),
    )
    const story = narrative(person)
    const unfinished = person.actions.filter(({ done }) => done === null).slice(0, 3)
    const finished = person.actions.filter(({ done }) => done !== null && isWithin(done))
    const address = person.planted.includes('moved') ? oldAddress(person) : person
    const worker = person.professionals.councils
    const isUnrecorded = person.path === 'unrecorded'
    return {
      'Person No': person.localIds.councils ?? '',
      Council: word('people', 'responsible_utla_gss', person.council),
      'NHS area': word('people', 'responsible_icb_ods', person.icb),
      'NHS Number': person.nhsNumber,
      'Last name': person.familyName,
      'First name': person.givenName,
      'Known as': person.preferredName,
      Born: slashDay(person.born),
      Sex: word('people', 'sex_code', person.sex),
      Ethnicity: word('people', 'ethnic_code', person.ethnic),
      'House & street': address.street,
      Town: person.town,
      Postcode: address.postcode,
      'LSOA 2021': person.lsoa,
      'Keep address private': yesNo(person.addressSensitive),
      Telephone: person.phone,
      'Learning disability': word('people', 'ld_status', person.learningDisability),
      Autism: word('people', 'autism_status', person.autism),
      'Lives in': word('people', 'accommodation_code', person.accommodation),
      EHCP: yesNo(person.ehcp),
      Communication: person.communication,
      Adjustments: person.adjustments,
      Interpreter: yesNo(person.interpreter),
      'Data opt-out': yesNo(person.optedOut),
      Died: date(person.died),
      'Referred on': slashDay(entry.referred),
      'Referred by': word('entries', 'referrer_role', entry.referrer),
      'Why referred': entry.reason,
      'Colour asked for': word('entries', 'indicative_rating', entry.indicative),
      'Triage outcome':
        entry.rejection === null
          ? word('entries', 'decision', entry.decision)
          : word('entries', 'rejection_reason', entry.rejection),
      'Triaged on': date(entry.triaged),
      'Onto register': date(entry.accepted),
      'Off register': date(entry.closed),
      'Why off': word('entries', 'closure_reason', entry.closure),
      Keyworker: word('entries', 'keyworker', person.keyworker),
      'Level now': person.escalation === null ? '' : word('entries', 'escalation_level', person.escalation.level),
      // Half of those without consent have an empty box, half the words for it.
      Consent: isUnrecorded && turn % 2 === 0 ? 'Not recorded' : word('consents', 'basis', consent?.basis ?? null),
      'Given by': consent?.givenBy,
      'Consent last confirmed': date(consent?.decided ?? null),
      'Consent ended': date(consent?.withdrawn ?? null),
      'RAG now': word('ratings', 'rating', now?.rating ?? null),
      'RAG now since': date(now?.from ?? null),
      'RAG history': earlier
        .map(({ rating, from }) => `${word('ratings', 'rating', rating)} ${slashDay(from)}`)
        .join('; '),
      'DSR meetings held': person.reviews.filter(isWithin).map(slashDay).join('; '),
      ...Object.fromEntries(
        risks.flatMap(({ theme, begun, mentioned }, index) => [
          [`Main risk ${index + 1}`, word('issues', 'theme_code', theme)],
          [`Since ${index + 1}`, slashDay(isWithin(begun) ? begun : (mentioned.find(isWithin) ?? episode.from))],
        ]),
      ),
      'Risk history': history
        .map(
          ({ theme, day, ended }) =>
            `${word('issues', 'theme_code', theme)} ${slashDay(day)}${ended === null ? '' : ` to ${slashDay(ended)}`}`,
        )
        .join('; '),
      'What is happening': story?.text,
      'Written on': date(story?.day ?? null),
      ...Object.fromEntries(
        person.strategies.slice(0, 2).flatMap(({ code, day, outcome }, index) => [
          [`Tried ${index + 1}`, word('strategies', 'strategy_code', code)],
          [`Tried on ${index + 1}`, slashDay(day)],
          [`Helped ${index + 1}`, word('strategies', 'outcome', outcome)],
        ]),
      ),
      'What could help': story === null ? '' : person.suggestion,
      ...Object.fromEntries(unfinished.flatMap((action, index) => serviceCells(action, index + 1, word))),
      'Finished services': finished
        .map(
          ({ service, raised, done }) =>
            `${word('actions', 'service_code', service)} ${slashDay(raised)} done ${slashDay(done ?? raised)}`,
        )
        .join('; '),
      'Escalated on': date(person.escalation?.day ?? null),
      'Escalated to level': person.escalation === null ? '' : word('escalations', 'level', person.escalation.level),
      'Escalated to': person.escalation?.forum,
      'Crisis plan dated': date(person.crisisPlan),
      'Safeguarding enquiry open': yesNo(person.safeguardingOpen),
      'Allocated worker': worker.name,
      'Worker phone': worker.phone,
      'Worker e-mail': worker.email,
      'Last seen': date(worker.lastContact),
      'Report line': String(++line),
      'Cost centre': `CC${1000 + (turn % 37)}`,
    }
  }

  return {
    add(person) {
      const values = valuesOf(person)
      file.record(values)
      const planted = nextBad()
      if (planted) file.bad(planted.damage.shape === 'double' ? values : valuesOf(planted.decoy), planted.damage)
    },
    async flush() {
      text.flush()
    },
    async finish() {
      const counts = file.counts()
      text.write(`Total: ${counts.read} people${delimiter.repeat(headings.length - 1)}\r\n`)
      text.close()
      return counts
    },
  }
}

function serviceCells(
  action: Action,
  n: number,
  word: (table: string, field: string, code: string | null) => string,
): readonly (readonly [string, string])[] {
  return [
    [`Service ${n}`, word('actions', 'service_code', action.service)],
    [`Status ${n}`, word('actions', 'state', action.state)],
    [`Asked for ${n}`, slashDay(action.raised)],
    [`Why not ${n}`, word('actions', 'unavailable_reason', action.unavailableReason)],
    [`Lead ${n}`, word('actions', 'owner_agency', action.ownerAgency)],
    [`Target ${n}`, slashDay(action.due)],
  ]
}

function date(day: Day | null): string {
  return day === null ? '' : slashDay(day)
}

function yesNo(value: boolean): string {
  return value ? 'Yes' : 'No'
}

function badRecords(decoys: readonly Person[], asOf: Day): readonly { decoy: Person; damage: Damage }[] {
  const damages: readonly ((decoy: Person) => Damage)[] = [
    (decoy) => ({
      code: 'nhs_number_check_digit',
      column: 'NHS Number',
      values: { 'NHS Number': wrongCheckDigit(decoy) },
    }),
    () => ({ code: 'code_not_in_list', column: 'RAG now', values: { 'RAG now': 'Purple' } }),
    () => ({ code: 'duplicate_record', column: null, shape: 'double' }),
    () => ({ code: 'impossible_date', column: 'Born', values: { Born: '31/02/1989' } }),
    () => ({ code: 'wrong_number_of_columns', column: null, shape: 'extra_cell' }),
    () => ({
      code: 'date_in_future',
      column: 'Onto register',
      values: { 'Onto register': slashDay(asOf + 120), 'Off register': '' },
    }),
    () => ({ code: 'required_value_missing', column: 'Last name', values: { 'Last name': '' } }),
    () => ({ code: 'nhs_number_repeated_digits', column: 'NHS Number', values: { 'NHS Number': '9999999999' } }),
    (decoy) => ({
      code: 'dates_out_of_order',
      column: 'Off register',
      values: { 'Off register': slashDay((decoy.entries[0]?.accepted ?? asOf) - 5) },
    }),
  ]
  return damages.flatMap((damage, index) => {
    const decoy = decoys[index]
    return decoy ? [{ decoy, damage: damage(decoy) }] : []
  })
}
