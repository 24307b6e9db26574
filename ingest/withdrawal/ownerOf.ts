import type { Contract } from '../contract.ts'

/** The feed whose numbers of people a contract uses: its own, unless its rows hang on the people of another. */
export function ownerOf(contract: Contract): string {
  return 'people_of' in contract && typeof contract.people_of === 'string' ? contract.people_of : contract.feed
}
