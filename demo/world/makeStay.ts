import type { Day } from './days.ts'
import type { Stay } from './person.ts'
import type { Random } from './random.ts'

/** A stay in a mental health or specialist hospital; the provider's codes are of no real organisation. */
export function makeStay(
  random: Random,
  { age, admitted, until, accepted }: { age: number; admitted: Day; until: Day; accepted: Day | null },
): Stay {
  const length = random.skewed(70, 0.95)
  const discharged = admitted + length <= until ? admitted + length : null
  const [bed, security] = random.weighted(age < 18 ? childBeds : adultBeds)
  const isLong = (discharged ?? until) - admitted > 120
  return {
    admitted,
    discharged,
    provider: random.pick(['ZQ1', 'ZQ2', 'ZQ3', 'ZQ4']),
    security,
    bed,
    mha:
      security === '2'
        ? random.pick(['03', '09'])
        : random.weighted([
            ['01', 35],
            ['02', 40],
            ['03', 25],
          ] as const),
    planned: random.chance(0.25) ? '1' : '2',
    source: random.weighted([
      ['19', 70],
      ['51', 15],
      ['29', 5],
      ['39', 4],
      [age < 18 ? '66' : '85', 6],
    ] as const),
    reasons: random.sample(['R01', 'R02', 'R03', 'R04', 'R05', 'R06'], random.int(1, 3)),
    kilometres: Math.min(420, random.skewed(18, 1)),
    plannedDischarge: random.chance(0.5) ? (discharged ?? until + random.int(14, 200)) : null,
    delays:
      isLong && random.chance(0.5) ? random.sample(['D01', 'D02', 'D06', 'D09', 'D10', 'D11'], random.int(1, 2)) : [],
    destination:
      discharged === null
        ? null
        : random.weighted([
            ['3', 45],
            ['2', 30],
            ['1', 12],
            ['4', 8],
            ['16', 5],
          ] as const),
    onRegisterBefore: accepted !== null && accepted < admitted,
  }
}

type Beds = readonly (readonly [readonly [bed: string, security: string], number])[]

const adultBeds: Beds = [
  [['205', '0'], 40],
  [['200', '0'], 32],
  [['213', '0'], 8],
  [['202', '4'], 5],
  [['206', '1'], 11],
  [['207', '2'], 4],
]
const childBeds: Beds = [
  [['301', '0'], 35],
  [['311', '0'], 25],
  [['310', '0'], 20],
  [['302', '0'], 12],
  [['303', '1'], 8],
]
