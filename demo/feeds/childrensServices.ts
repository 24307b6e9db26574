import { join } from 'node:path'
import { isoDay, londonTime, utcOfLondonMidnight, type Day } from '../world/days.ts'
import type { Person } from '../world/person.ts'
import { openTextFile } from '../write/textFile.ts'
import {
  episodeOf,
  mentionsIn,
  plantEvery,
  within,
  type BadRow,
  type FeedContext,
  type FeedWriter,
} from './feedWriter.ts'
import { readLabels } from './labels.ts'

/** Children's services: one JSON object a line, everything about a child inside. */
export function writeChildrensServices(context: FeedContext, decoys: readonly Person[]): FeedWriter {
  const label = readLabels('childrens_services')
  const cut = context.asOf - 1
  const text = openTextFile(join(context.folder, `childrens_services_${isoDay(cut)}.ndjson`), 'utf-8')
  const nextBad = plantEvery(badRecords(decoys, context.asOf), context.people * 0.35)
  const badRows: BadRow[] = []
  let line = 0
  let accepted = 0
  const put = (json: string): number => {
    text.write(`${json}\n`)
    return ++line
  }

  const recordOf = (person: Person): ChildRecord => {
    const episode = episodeOf(person, 'child')
    if (!episode) throw new Error('not a person of the child register')
    const isWithin = within(episode)
    const { entry } = episode
    const word = (table: string, field: string, code: string | null): string | null =>
      label.of(table, field, code) || null
    const consent = person.consents.filter(({ scope }) => scope === 'child').at(-1)
    const worker = person.professionals.childrens_services
    // The interface that re-sends late changes writes UTC: every fifth record came through it.
    const held = (day: Day): string => (person.index % 5 === 0 ? utcOfLondonMidnight(day) : londonTime(day, '10:30'))
    const at = (day: Day | null): string | null => (day === null ? null : londonTime(day, '09:00'))
    const isCurrent = entry === person.entries.at(-1)
    return {
      ref: person.localIds.childrens_services ?? '',
      snapshot: `${isoDay(cut)}T22:05:11Z`,
      interfaceVersion: '4.2',
      child: {
        firstName: person.givenName,
        lastName: person.familyName,
        likesToBeCalled: person.preferredName,
        birthDate: `${isoDay(person.born)}T00:00:00`,
        sex: word('people', 'sex_code', person.sex),
        ethnicity: person.ethnic,
        nhsNumber: person.nhsNumber,
        home: {
          street: person.street,
          town: person.town,
          postcode: person.postcode,
          lsoa21: person.lsoa,
          confidential: person.addressSensitive,
          phone: person.phone,
        },
        lookedAfter: person.lookedAfter,
        ehcp: person.ehcp,
        diagnoses: {
          learningDisability: word('people', 'ld_status', person.learningDisability),
          autism: word('people', 'autism_status', person.autism),
        },
        school: person.education,
        howToTalkWithMe: person.communication,
        whatHelps: person.adjustments,
        interpreter: person.interpreter,
        nationalDataOptOut: person.optedOut,
        icb: person.icb,
        council: person.council,
        died: person.died === null ? null : isoDay(person.died),
      },
      consent:
        consent === undefined && person.index % 2 === 0
          ? null
          : {
              basis: word('consents', 'basis', consent?.basis ?? null),
              givenBy: consent?.givenBy ?? null,
              on: at(consent?.decided ?? null),
              withdrawnOn: at(consent?.withdrawn ?? null),
            },
      register: {
        referredAt: at(entry.referred),
        referredBy: word('entries', 'referrer_role', entry.referrer),
        why: entry.reason,
        decision: word('entries', 'decision', entry.decision),
        notAcceptedBecause: word('entries', 'rejection_reason', entry.rejection),
        triagedAt: at(entry.triaged),
        acceptedAt: at(entry.accepted),
        closedAt: at(entry.closed),
        closeReason: word('entries', 'closure_reason', entry.closure),
        keyworker: person.keyworker,
      },
      colours: person.ratings
        .filter(({ from }) => isWithin(from))
        .map(({ rating, from }) => ({ colour: rating, from: londonTime(from, '00:00') })),
      professionals: [
        {
          name: worker.name,
          role: worker.role,
          organisation: 'Children’s social care',
          phone: worker.phone,
          email: worker.email,
          lead: true,
          lastContact: worker.lastContact === null || !isCurrent ? null : isoDay(worker.lastContact),
        },
      ],
      issues: mentionsIn(person.issues, episode).map(({ theme, day, ended, note }) => ({
        kind: word('issues', 'theme_code', theme),
        raised: londonTime(day, '00:00'),
        note,
        resolved: at(ended),
      })),
      tried: person.strategies
        .filter(({ day }) => isWithin(day))
        .map(({ code, day, outcome }) => ({
          what: word('strategies', 'strategy_code', code),
          since: isoDay(day),
          positive: true,
          result: word('strategies', 'outcome', outcome),
        })),
      ideas:
        isCurrent && person.reviews.length > 0
          ? [{ idea: person.suggestion, on: isoDay(person.reviews.at(-1) ?? cut) }]
          : [],
      plan: person.actions
        .filter(({ done }) => (done === null ? isCurrent : isWithin(done)))
        .map((action) => ({
          need: word('actions', 'service_code', action.service),
          state: word('actions', 'state', action.state),
          asked: isoDay(action.raised),
          by: isoDay(action.due),
          doneOn: action.done === null ? null : isoDay(action.done),
          owner: word('actions', 'owner_agency', action.ownerAgency),
          blockedBy: word('actions', 'unavailable_reason', action.unavailableReason),
        })),
      reviews: [
        ...person.reviews.filter(isWithin).map((day, index) => ({
          heldAt: held(day),
          kind: 'DSR',
          present: ['children’s social care', index % 2 === 0 ? 'school' : 'CAMHS'],
        })),
        // A looked-after review is not one of the register's.
        ...(person.lookedAfter && entry.accepted !== null
          ? [{ heldAt: held(entry.accepted), kind: 'CLA', present: ['children’s social care'] }]
          : []),
      ],
      cetrs: person.cetrs
        .filter(({ due }) => isWithin(due))
        .map(({ kind, due, held: heldOn, outcome }) => ({
          kind: word('cetrs', 'kind', kind),
          due: isoDay(due),
          held: heldOn === null ? null : isoDay(heldOn),
          outcome,
        })),
      escalations:
        person.escalation !== null && isWithin(person.escalation.day)
          ? [{ on: isoDay(person.escalation.day), level: person.escalation.level, forum: person.escalation.forum }]
          : [],
      safety: {
        crisisPlan: person.crisisPlan !== null && isWithin(person.crisisPlan) ? isoDay(person.crisisPlan) : null,
        safeguardingOpen: person.safeguardingOpen,
        police: person.policeInvolved,
      },
    }
  }

  return {
    add(person) {
      const json = JSON.stringify(recordOf(person))
      put(json)
      accepted++
      const planted = nextBad()
      if (!planted) return
      const { code, column, write } = planted.damage
      badRows.push({
        sheet: null,
        line: put(code === 'duplicate_record' ? json : write(recordOf(planted.decoy))),
        code,
        column,
      })
    },
    async flush() {
      text.flush()
    },
    async finish() {
      text.close()
      const duplicates = badRows.filter(({ code }) => code === 'duplicate_record').length
      return { read: line, accepted, quarantined: badRows.length - duplicates, duplicates, badRows }
    },
  }
}

type ChildRecord = Readonly<Record<string, unknown>> & {
  readonly child: Readonly<Record<string, unknown>>
  readonly register: Readonly<Record<string, unknown>>
}

interface JsonDamage {
  readonly code: string
  readonly column: string | null
  readonly write: (record: ChildRecord) => string
}

function badRecords(decoys: readonly Person[], asOf: Day): readonly { decoy: Person; damage: JsonDamage }[] {
  const damages: readonly JsonDamage[] = [
    { code: 'broken_line', column: null, write: (record) => JSON.stringify(record).slice(0, 700) },
    { code: 'duplicate_record', column: null, write: JSON.stringify },
    {
      code: 'required_value_missing',
      column: 'child.lastName',
      write: (record) => JSON.stringify({ ...record, child: { ...record.child, lastName: null } }),
    },
    {
      code: 'code_not_in_list',
      column: 'child.sex',
      write: (record) => JSON.stringify({ ...record, child: { ...record.child, sex: 'turquoise' } }),
    },
    {
      code: 'date_in_future',
      column: 'register.acceptedAt',
      write: (record) =>
        JSON.stringify({
          ...record,
          register: { ...record.register, acceptedAt: londonTime(asOf + 200, '09:00'), closedAt: null },
        }),
    },
  ]
  return damages.flatMap((damage, index) => {
    const decoy = decoys[index]
    return decoy ? [{ decoy, damage }] : []
  })
}
