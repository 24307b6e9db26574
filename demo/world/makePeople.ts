import { makeNhsNumbers } from './nhsNumbers.ts'
import { makeLocalIds } from './localIds.ts'
import { makePerson } from './makePerson.ts'
import type { Part } from './part.ts'
import { feedNames, type Person } from './person.ts'
import type { Places } from './place.ts'
import type { Day } from './days.ts'
import { makeRandom } from './random.ts'
import { canaries } from './canary.ts'

export interface World {
  readonly seed: number
  readonly people: number
  readonly asOf: Day
  /** Last day on which anything is on record: the agencies' files are cut two days before `asOf`. */
  readonly until: Day
  /** First day of the history that the figures go back to. */
  readonly from: Day
  readonly places: Places
}

/**
 * The part that each of a hundred people plays; the rest live an ordinary life on the register. By quota and not by
 * chance, so that each is there in a small demo too.
 */
const parts: readonly (readonly [Part, number])[] = [
  ['withdrawn', 1],
  ['withdrawn_elsewhere_yes', 1],
  ['refused', 2],
  ['unrecorded', 2],
  ['rejected', 4],
  ['pending', 3],
  ['statutory', 3],
  ['never_reviewed', 2],
  ['quiet', 3],
  ['three_agencies', 4],
  ['lapsed', 2],
  ['overtaken_16', 1],
  ['overtaken_18', 1],
  ['no_number', 3],
  ['provider_only', 1],
  ['canary', 1],
]
const hundred: readonly Part[] = (() => {
  const list = parts.flatMap(([part, count]) => Array.from({ length: count }, () => part))
  return Array.from({ length: 100 }, (_, slot) => list[slot] ?? 'ordinary')
})()

/**
 * People for the planted bad records: no sound record knows them, so that a test sees at once when a bad one got
 * through. Twenty for each register, ten for the statutory feed.
 */
export function makeDecoys(
  world: World,
  nextNhsNumber: () => string | null,
): { readonly adults: Person[]; readonly children: Person[]; readonly inpatients: Person[] } {
  const decoys = { adults: [] as Person[], children: [] as Person[], inpatients: [] as Person[] }
  const nextLocalIds = makeLocalIds(world.people + 1000)
  for (
    let index = 0;
    decoys.adults.length < 20 || decoys.children.length < 20 || decoys.inpatients.length < 10;
    index++
  ) {
    const part = index % 4 === 0 ? 'statutory' : 'quiet'
    const role = {
      index,
      part,
      canary: null,
      nhsNumber: nextNhsNumber(),
      nextLocalIds: () => nextLocalIds(feedNames),
    } as const
    const person = makePerson(makeRandom(world.seed, -1 - index), world, role)
    const [entry] = person.entries
    if (part === 'statutory') decoys.inpatients.push(person)
    else if (person.entries.length === 1) (entry?.scope === 'child' ? decoys.children : decoys.adults).push(person)
  }
  return decoys
}

/** Everyone, one at a time and always the same for one seed: a hundred thousand need no more memory than one. */
export function* makePeople(
  world: World,
  nextNhsNumber: () => string | null = makeNhsNumbers(world.seed),
): Generator<Person> {
  const nextLocalIds = makeLocalIds()
  for (let index = 0; index < world.people; index++) {
    // 37 shares no factor with 100: the parts are scattered, and each hundred people have all of them.
    const part = hundred[(index * 37) % 100] ?? 'ordinary'
    const canary = part === 'canary' ? Math.floor(index / 100) : null
    yield makePerson(makeRandom(world.seed, index), world, {
      index,
      part: canary !== null && canary >= canaries.length ? 'ordinary' : part,
      canary: canary !== null && canary < canaries.length ? canary : null,
      nhsNumber: part === 'no_number' ? null : nextNhsNumber(),
      nextLocalIds,
    })
  }
}
