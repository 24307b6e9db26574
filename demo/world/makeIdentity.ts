import { canaries } from './canary.ts'
import type { Day } from './days.ts'
import type { Lsoa } from '../../register/geography/readGeography.ts'
import type { Random } from './random.ts'
import * as words from './words.ts'

export interface Identity {
  readonly familyName: string
  readonly givenName: string
  readonly preferredName: string | null
  readonly sex: '1' | '2' | '9' | 'X'
  readonly ethnic: string
  readonly street: string
  readonly town: string
  readonly postcode: string
  readonly phone: string
}

const backgrounds: readonly (readonly [{ readonly group: string; readonly ethnics: readonly string[] }, number])[] = [
  [{ group: 'british', ethnics: ['A', 'A', 'A', 'A', 'A', 'A', 'D', 'E', 'F', 'G', 'Z'] }, 80],
  [{ group: 'south_asian', ethnics: ['H', 'J', 'J', 'K', 'L'] }, 9],
  [{ group: 'black', ethnics: ['M', 'N', 'P'] }, 4],
  [{ group: 'white_other', ethnics: ['C'] }, 4],
  [{ group: 'irish', ethnics: ['B'] }, 2],
  [{ group: 'chinese', ethnics: ['R'] }, 1],
]

export function makeIdentity(random: Random, place: Lsoa, canary: number | null): Identity {
  const sex = random.weighted([
    ['1', 60],
    ['2', 38],
    ['9', 1],
    ['X', 1],
  ] as const)
  const { group, ethnics } = random.weighted(backgrounds)
  const { givenName, familyName } = makeName(random, sex === '2' ? 'female' : 'male', group)
  const found = canary === null ? undefined : canaries[canary]
  const preferredName = words.preferredNames[givenName] ?? null
  const usesIt = random.chance(0.7)
  return {
    givenName: found?.givenName ?? givenName,
    familyName: found?.familyName ?? familyName,
    preferredName: found?.preferredName ?? (usesIt ? preferredName : null),
    sex,
    ethnic: random.chance(0.02) ? '99' : random.pick(ethnics),
    ...makeAddress(random, place.icbOds, found !== undefined),
    ...(found && { street: found.street }),
    phone: found?.phone ?? makePhone(random),
  }
}

/** A name of any background, for people who are only mentioned. */
export function makeName(
  random: Random,
  sex: 'female' | 'male',
  group = 'british',
): { givenName: string; familyName: string } {
  const given = words.givenNames[group]?.[sex] ?? []
  const family = words.otherSurnames[group] ?? []
  const english = (): string => random.pick(words.surnameStarts) + random.pick(words.surnameEnds)
  const familyName =
    family.length > 0 ? random.pick(family) : random.chance(0.06) ? `${english()}-${english()}` : english()
  return { givenName: random.pick(given), familyName }
}

export function makeAddress(
  random: Random,
  icb: string,
  isCanary = false,
): Pick<Identity, 'street' | 'town' | 'postcode'> {
  const { area, low, high } = words.postcodeDistricts[icb] ?? { area: 'ZZ', low: 90, high: 99 }
  const letters = 'ABDEFGHJLNPQRSTUWXY'
  const letter = (): string => letters[random.int(0, letters.length - 1)] ?? 'A'
  // Only canaries have an inward code that begins with 9 and ends with ZZ.
  const inward = isCanary ? `9${letter()}Z` : `${random.int(1, 8)}${letter()}${letter()}`
  return {
    street: `${random.int(1, 140)} ${random.pick(words.streetStarts)} ${random.pick(words.streetEnds)}`,
    town: random.pick(words.towns[icb] ?? ['Nowhere']),
    postcode: `${area}${random.int(low, high)} ${inward}`,
  }
}

/** Ofcom's numbers for drama; 01632 9609xx is kept for canaries. */
export function makePhone(random: Random): string {
  const last = (high: number): string => String(random.int(0, high)).padStart(3, '0')
  return random.chance(0.6) ? `07700 900${last(999)}` : `01632 960${last(899)}`
}

/** Somebody who works with the person: the same few people come up again and again, as in a real team. */
export function makeProfessional(
  random: Random,
  role: string,
  lastContact: Day | null,
): {
  name: string
  role: string
  phone: string
  email: string
  lastContact: Day | null
} {
  const { givenName, familyName } = makeName(random, random.chance(0.7) ? 'female' : 'male')
  const mail = `${givenName[0]}.${familyName}`
    .normalize('NFD')
    .replaceAll(/[^A-Za-z.-]/g, '')
    .toLowerCase()
  return {
    name: `${givenName} ${familyName}`,
    role,
    phone: makePhone(random),
    email: `${mail}@example.org`,
    lastContact,
  }
}
