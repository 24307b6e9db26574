import { ratingOn } from '../dueDate.ts'
import { canaries, withCanary } from './canary.ts'
import { chooseConsents } from './chooseConsents.ts'
import { chooseFeeds } from './chooseFeeds.ts'
import { chooseLife, endLifeAt } from './chooseLife.ts'
import { chooseAcceptance, chooseBirth } from './chooseStart.ts'
import { ageOn, birthday, type Day } from './days.ts'
import { makeActions } from './makeActions.ts'
import { makeEntries } from './makeEntries.ts'
import { makeIdentity, makeProfessional } from './makeIdentity.ts'
import { makeIssues, risingMonth, risingTheme } from './makeIssues.ts'
import type { World } from './makePeople.ts'
import { pathOf, type Part } from './part.ts'
import { isOpen, type FeedName, type Person, type Strategy } from './person.ts'
import type { Random } from './random.ts'
import type { Life } from './simulateLife.ts'
import * as words from './words.ts'

interface Role {
  readonly index: number
  readonly part: Part
  readonly canary: number | null
  readonly nhsNumber: string | null
  readonly nextLocalIds: (feeds: readonly FeedName[]) => Person['localIds']
}

/** One person's whole life on the register, from identity to what each agency will say of it. */
export function makePerson(
  random: Random,
  world: World,
  { index, part, canary, nhsNumber, nextLocalIds }: Role,
): Person {
  const { until } = world
  const path = pathOf(part)
  const place = world.places.choose(random)
  const identity = makeIdentity(random, place, canary)
  const born = chooseBirth(random, part, until)
  const accepted = chooseAcceptance(random, world, part, born)
  const life = chooseLife(random, world, { part, path, born, accepted, nhsNumber })
  const referred = Math.max(birthday(born, 4), accepted - random.int(14, 45))
  const lookedAfter = ageOn(born, until) < 20 && random.chance(0.12)
  // Whoever is planted as overtaken by the 18th birthday has not been moved to the adult register either.
  const adultFrom = birthday(born, 18)
  const transferred =
    accepted < adultFrom && adultFrom <= (life.closed ?? until) && part !== 'overtaken_18' && path === 'register'
      ? adultFrom
      : null
  const consents = chooseConsents(random, {
    part,
    path,
    born,
    lookedAfter,
    accepted,
    referred,
    transferred,
    until: life.closed ?? until,
    world,
    scope: (path === 'pending' ? until : accepted) < adultFrom ? 'child' : 'adult',
  })
  const withdrawn = consents.find((consent) => consent.withdrawn !== null)?.withdrawn ?? null
  const kept = withdrawn === null ? life : endLifeAt(life, withdrawn)
  const entries = makeEntries(random, {
    path,
    born,
    accepted,
    referred,
    transferred,
    closed: kept.closed,
    withdrawn,
    until,
  })
  const current = entries.find(isOpen) ?? entries.at(-1)
  const isChild = current?.scope === 'child'
  const ratings = transferred === null ? kept.ratings : carryOver(kept, transferred)
  const isOnRegister = path === 'register' || path === 'withdrawn'
  const { feeds, planted } = chooseFeeds(random, {
    part,
    path,
    born,
    until,
    entries,
    hasStays: kept.stays.length > 0,
    hasNumber: nhsNumber !== null,
    share: trustShare(world),
  })
  const risingFrom = isOnRegister ? chooseRising(random, world, place.icbOds, born, accepted, kept) : null
  const issues = isOnRegister
    ? makeIssues(random, {
        givenName: identity.givenName,
        isChild,
        life: kept,
        until: kept.closed ?? until,
        risingFrom,
      })
    : []
  const reportsPlans = feeds.some((feed) => feed === 'councils' || feed === 'childrens_services' || feed === 'provider')
  const actions = reportsPlans
    ? makeActions(random, { issues, icb: place.icbOds, isChild, until: kept.closed ?? until })
    : []
  const contact = (): Day | null => (random.chance(0.85) ? until - random.int(0, 60) : null)
  const died = current?.closure === 'C07' ? (current.closed ?? null) : null
  const person: Person = {
    index,
    path,
    nhsNumber,
    ...identity,
    born,
    lsoa: place.lsoa21,
    icb: place.icbOds,
    council: place.utlaGss,
    addressSensitive: random.chance(0.02),
    learningDisability: random.weighted([
      ['1', 62],
      ['2', 6],
      ['5', 32],
    ] as const),
    autism: random.weighted([
      ['1', 66],
      ['2', 14],
      ['5', 20],
    ] as const),
    communication: random.pick(words.communicationNeeds),
    adjustments: random.pick(words.reasonableAdjustments),
    interpreter: random.chance(0.03),
    // About one in twenty, as in England; without a draw, so that everything else stays as it was.
    optedOut: index % 19 === 7,
    accommodation: isChild
      ? 'MA02'
      : random.weighted([
          ['MA02', 38],
          ['MH01', 28],
          ['MA04', 12],
          ['MH03', 8],
          ['CH03', 6],
          ['MA06', 5],
          ['HM04', 3],
        ] as const),
    education: ageOn(born, until) < 19 ? random.pick(words.schools) : null,
    ehcp: ageOn(born, until) < 26 && random.chance(0.6),
    lookedAfter,
    died,
    entries,
    consents,
    ratings,
    reviews: kept.reviews,
    otherReviews: kept.otherReviews,
    issues,
    strategies: isOnRegister ? makeStrategies(random, kept, kept.closed ?? until) : [],
    suggestion: random.pick(words.suggestions),
    actions,
    cetrs: kept.cetrs,
    stays: kept.stays,
    escalation:
      kept.crises.length > 2 && random.chance(0.3)
        ? {
            day: kept.crises.at(-1) ?? until,
            level: random.pick(['2', '3', '3', '4']),
            forum: random.pick(words.forums),
          }
        : null,
    crisisPlan: isOnRegister && random.chance(0.6) ? Math.min(until, accepted + random.int(10, 90)) : null,
    safeguardingOpen: random.chance(0.06),
    policeInvolved: random.chance(0.05),
    keyworker:
      ageOn(born, until) < 26
        ? random.weighted([
            ['yes', 45],
            ['offered', 20],
            ['declined', 10],
            ['no', 25],
          ] as const)
        : 'no',
    professionals: {
      councils: makeProfessional(random, 'Social worker', contact()),
      trust: makeProfessional(random, random.pick(['LD nurse', 'Care co-ordinator', 'CAMHS nurse']), contact()),
      childrens_services: makeProfessional(random, 'children’s social worker', contact()),
      provider: makeProfessional(random, 'Keyworker', contact()),
      inpatient_commissioning: makeProfessional(random, 'Case manager', null),
    },
    localIds: nextLocalIds(feeds),
    planted: [
      ...(part === 'ordinary' ? [] : [part]),
      ...planted,
      ...(issues.some(({ theme, begun }) => theme === risingTheme.theme && begun === risingFrom)
        ? ['rising_theme']
        : []),
    ],
  }
  const found = canary === null ? undefined : canaries[canary]
  return found ? withCanary(person, found, canaryNote(identity)) : person
}

/** The adult register begins with the rating that the child register ended with. */
function carryOver(life: Life, transferred: Day): Life['ratings'] {
  const rating = ratingOn(life, transferred)
  if (rating === null || life.ratings.some(({ from }) => from === transferred)) return life.ratings
  return [...life.ratings, { rating, from: transferred }].sort((a, b) => a.from - b.from)
}

/** Which month the rising theme begins in for this person, the later ones more often; null for whoever it spares. */
function chooseRising(random: Random, world: World, icb: string, born: Day, accepted: Day, life: Life): Day | null {
  const { fromAge, toAge, months } = risingTheme
  const age = ageOn(born, world.until)
  if (icb !== risingTheme.icb || age < fromAge || age > toAge || life.closed !== null || !random.chance(0.5))
    return null
  const number = random.weighted(Array.from({ length: months }, (_, month) => [month + 1, month + 1] as const))
  const day = risingMonth(world.asOf, number) + random.int(0, 27)
  return day > accepted + 30 && day <= world.until ? day : null
}

function makeStrategies(random: Random, life: Life, until: Day): Strategy[] {
  const codes = [
    'P01',
    'P02',
    'P03',
    'P04',
    'P05',
    'P06',
    'P07',
    'P08',
    'P09',
    'P10',
    'P11',
    'P12',
    'P13',
    'P14',
    'P15',
    'P16',
    'P17',
    'P18',
  ]
  return random.sample(codes, random.int(1, 3)).map((code) => ({
    code,
    day: Math.min(until, (random.chance(0.5) ? life.crises.at(-1) : life.crises[0]) ?? until),
    outcome: random.weighted([
      ['helped', 45],
      ['partly', 30],
      ['no', 15],
      ['unknown', 10],
    ] as const),
  }))
}

function canaryNote({
  givenName,
  familyName,
  phone,
  postcode,
}: {
  givenName: string
  familyName: string
  phone: string
  postcode: string
}): string {
  return `Ring ${givenName} ${familyName} on ${phone}; letters to ${postcode}.`
}

/** A sheet holds 1,048,576 rows and a patient has about twenty reviews, so the trust of a large demo knows a smaller share. */
function trustShare({ people }: World): number {
  return Math.min(1, 60_000 / people)
}
