import { join } from 'node:path'
import { isoDay, type Day } from '../world/days.ts'
import type { Person, Stay } from '../world/person.ts'
import { openTextFile } from '../write/textFile.ts'
import { writeDelimited, type Damage, type Values } from './delimitedFeed.ts'
import { plantEvery, type FeedContext, type FeedWriter } from './feedWriter.ts'
import { wrongCheckDigit } from './quirks.ts'

const headings = [
  'episode',
  'patient',
  'nhs_number',
  'gender',
  'birth_date',
  'ld',
  'autism',
  'commissioner',
  'council',
  'lsoa',
  'admission_date',
  'discharge_date',
  'provider',
  'ward_security',
  'bed_type',
  'legal_status',
  'planned',
  'source',
  'reasons',
  'on_dsr_before',
  'distance_km',
  'planned_discharge',
  'delays',
  'destination',
]
const delimiter = '|'

/** The commissioners' collection of hospital stays: one line a stay, no names, the national codes as they are. */
export function writeInpatientCommissioning(context: FeedContext, decoys: readonly Person[]): FeedWriter {
  const text = openTextFile(join(context.folder, `inpatients_${isoDay(context.asOf - 1)}.txt`), 'utf-8')
  text.write(`${headings.join(delimiter)}\n`)
  const file = writeDelimited(text, headings, delimiter, 2)
  const nextBad = plantEvery(badRecords(decoys), context.people * 0.33)
  let episode = 700_000

  const valuesOf = (person: Person, stay: Stay): Values => ({
    episode: String(episode++),
    patient: person.localIds.inpatient_commissioning ?? '',
    nhs_number: person.nhsNumber,
    gender: person.sex,
    birth_date: isoDay(person.born),
    ld: person.learningDisability,
    autism: person.autism,
    commissioner: person.icb,
    council: person.council,
    lsoa: person.lsoa,
    admission_date: isoDay(stay.admitted),
    discharge_date: date(stay.discharged),
    provider: stay.provider,
    ward_security: stay.security,
    bed_type: stay.bed,
    legal_status: stay.mha,
    planned: stay.planned,
    source: stay.source,
    reasons: stay.reasons.join(';'),
    on_dsr_before: stay.onRegisterBefore ? 'Y' : 'N',
    distance_km: String(stay.kilometres),
    planned_discharge: date(stay.plannedDischarge),
    delays: stay.delays.join(';'),
    destination: stay.destination,
  })

  return {
    add(person) {
      for (const stay of person.stays) {
        const values = valuesOf(person, stay)
        file.record(values)
        const planted = nextBad()
        const decoyStay = planted?.decoy.stays[0]
        if (planted && decoyStay)
          file.bad(planted.damage.shape === 'double' ? values : valuesOf(planted.decoy, decoyStay), planted.damage)
      }
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

function date(day: Day | null): string {
  return day === null ? '' : isoDay(day)
}

function badRecords(decoys: readonly Person[]): readonly { decoy: Person; damage: Damage }[] {
  const damages: readonly ((decoy: Person) => Damage)[] = [
    (decoy) => ({
      code: 'nhs_number_check_digit',
      column: 'nhs_number',
      values: { nhs_number: wrongCheckDigit(decoy) },
    }),
    () => ({ code: 'duplicate_record', column: null, shape: 'double' }),
    (decoy) => ({
      code: 'dates_out_of_order',
      column: 'discharge_date',
      values: { discharge_date: isoDay((decoy.stays[0]?.admitted ?? 0) - 20) },
    }),
    () => ({ code: 'code_not_in_list', column: 'commissioner', values: { commissioner: 'QXX' } }),
  ]
  return damages.flatMap((damage, index) => {
    const decoy = decoys[index]
    return decoy ? [{ decoy, damage: damage(decoy) }] : []
  })
}
