import { join } from 'node:path'
import { isoDay, wordDay, type Day } from '../world/days.ts'
import { makeRandom } from '../world/random.ts'
import type { Person } from '../world/person.ts'
import { openTextFile } from '../write/textFile.ts'
import { writeDelimited, type Damage, type Values } from './delimitedFeed.ts'
import { narrative, plantEvery, wholeLife, type FeedContext, type FeedWriter } from './feedWriter.ts'
import { readLabels } from './labels.ts'
import { makeProfessional } from '../world/makeIdentity.ts'

const headings = [
  'Ref',
  'House',
  'First name',
  'Surname',
  'Date of birth',
  'NHS',
  'Address',
  'Postcode',
  'Paid for by',
  'RAG (as told to us)',
  'RAG since',
  'On register since',
  'Agreed to be on it?',
  'Agreed on',
  'Last register review',
  'Keyworker',
  'Keyworker mobile',
  'House manager',
  'Manager e-mail',
  'How things are',
  'Written on',
  'What we tried',
  'Did it work',
  'What would help',
  'Next step',
  'State',
  'Asked',
  'By when',
  'Who',
  'Why not yet',
]
const houses = ['Staithe House', 'Tideway', 'Beacon Row', 'The Old Dairy', 'Outreach']
const delimiter = '\t'

/** A supported living provider: tab separated, free text with line breaks and quotes, the little that the house knows. */
export function writeProvider(context: FeedContext, decoys: readonly Person[]): FeedWriter {
  const label = readLabels('provider')
  const text = openTextFile(join(context.folder, `supported_living_${isoDay(context.asOf - 2)}.tsv`), 'utf-8', true)
  text.write(`${headings.join(delimiter)}\r\n`)
  const file = writeDelimited(text, headings, delimiter, 2)
  const nextBad = plantEvery(badRecords(decoys), context.people * 0.1)

  const valuesOf = (person: Person): Values => {
    const episode = wholeLife(person)
    if (!episode) throw new Error('not a person of the register')
    // The provider is told late: of some people it still has the colour before the present one.
    const rating = person.planted.includes('stale_rating')
      ? (person.ratings.at(-2) ?? person.ratings.at(-1))
      : person.ratings.at(-1)
    const consent = person.consents.at(-1)
    const story = narrative(person)
    const action = person.actions
      .filter(({ done, service }) => done === null && label.has('actions', 'service_code', service))
      .at(-1)
    const manager = makeProfessional(makeRandom(person.index % 9, 4711), 'House manager', null)
    const worker = person.professionals.provider
    return {
      Ref: person.localIds.provider ?? '',
      House: houses[person.index % houses.length],
      'First name': person.givenName,
      Surname: person.familyName,
      'Date of birth': wordDay(person.born),
      NHS: person.planted.includes('number_missing') ? '' : (person.nhsNumber?.replace(/^(...)(...)/, '$1-$2-') ?? ''),
      Address: `${person.street}, ${person.town}`,
      Postcode: person.postcode,
      'Paid for by': label.of('people', 'responsible_icb_ods', person.icb),
      'RAG (as told to us)': label.of('ratings', 'rating', rating?.rating ?? null),
      'RAG since': date(rating?.from ?? null),
      'On register since': date(episode.entry.accepted),
      'Agreed to be on it?': label.of('consents', 'basis', consent?.basis ?? null),
      'Agreed on': date(consent?.decided ?? null),
      'Last register review': date(person.reviews.at(-1) ?? null),
      Keyworker: worker.name,
      'Keyworker mobile': worker.phone,
      'House manager': manager.name,
      'Manager e-mail': manager.email,
      'How things are': story === null ? '' : asTyped(person, story.text),
      'Written on': date(story?.day ?? null),
      'What we tried':
        story === null ? '' : 'Same staff on shift, visual plan on the fridge, and "time out" in the garden.',
      'Did it work':
        story === null ? '' : label.of('strategies', 'outcome', person.strategies[0]?.outcome ?? 'unknown'),
      'What would help': story === null ? '' : person.suggestion,
      'Next step': label.of('actions', 'service_code', action?.service ?? null),
      State: label.of('actions', 'state', action?.state ?? null),
      Asked: date(action?.raised ?? null),
      'By when': date(action?.due ?? null),
      Who:
        action && label.has('actions', 'owner_agency', action.ownerAgency)
          ? label.of('actions', 'owner_agency', action.ownerAgency)
          : '',
      'Why not yet': label.of('actions', 'unavailable_reason', action?.unavailableReason ?? null),
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
      text.close()
      return file.counts()
    },
  }
}

/** Line breaks, speech marks and accents, as people type on a tablet. */
function asTyped({ index, givenName }: Person, text: string): string {
  const [first = '', ...rest] = text.split('. ')
  const body = rest.length > 0 ? `${first}.\n${rest.join('. ')}` : text
  return index % 3 === 0 ? `${body}\n"It's ok here" ${givenName} says. Café on Fridays.` : body
}

function date(day: Day | null): string {
  return day === null ? '' : wordDay(day)
}

function badRecords(decoys: readonly Person[]): readonly { decoy: Person; damage: Damage }[] {
  const damages: readonly Damage[] = [
    { code: 'wrong_number_of_columns', column: null, shape: 'extra_cell' },
    { code: 'duplicate_record', column: null, shape: 'double' },
    { code: 'impossible_date', column: 'Date of birth', values: { 'Date of birth': '31 Jun 1987' } },
    { code: 'nhs_number_not_ten_digits', column: 'NHS', values: { NHS: '999-041-22' } },
    { code: 'code_not_in_list', column: 'RAG (as told to us)', values: { 'RAG (as told to us)': 'Orange' } },
  ]
  return damages.flatMap((damage, index) => {
    const decoy = decoys[index]
    return decoy ? [{ decoy, damage }] : []
  })
}
