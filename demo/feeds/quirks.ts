import { makeAddress } from '../world/makeIdentity.ts'
import { makeRandom } from '../world/random.ts'
import type { Person } from '../world/person.ts'

/** The person's NHS number with its last digit changed: no check digit but the right one passes. */
export function wrongCheckDigit({ nhsNumber }: Person): string {
  const number = nhsNumber ?? '9990000018'
  return `${number.slice(0, 9)}${(Number(number[9]) + 1) % 10}`
}

/** Where the person lived before: an agency that does not chase moves still has it. */
export function oldAddress(person: Person): { readonly street: string; readonly postcode: string } {
  return makeAddress(makeRandom(person.index, 77), person.icb)
}
