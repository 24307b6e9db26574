import { foldWords } from './foldWords.ts'
import { coverage } from './likelyCode.ts'
import type { Column } from './matchColumns.ts'
import { readVocabulary, type Role } from './readVocabulary.ts'

/** A professional whom a wide file names in a column of its own, with the columns about the same one. */
export interface Named {
  readonly role: Role
  readonly name: Column
  readonly about: ReadonlyMap<'phone' | 'email' | 'agency_name' | 'role' | 'last_contact', Column>
}

const endings = [
  ['phone', /^(.+?) (?:phone|mobile|tel|telephone|number|no|phone number|contact number|contact)$/],
  ['email', /^(.+?) (?:email|e mail|mail|email address|e mail address)$/],
  ['agency_name', /^(.+?) (?:team|agency|organisation|service|employer)$/],
  ['role', /^(.+?) (?:role|job title|title)$/],
  ['last_contact', /^(.+?) (?:last seen|last contact|last visit)$/],
] as const

/** Columns named for a role (`Care co-ordinator`, `CC phone`), so far as they hold names. */
export function matchProfessionals(columns: readonly Column[]): readonly Named[] {
  const named = columns.flatMap((column) => {
    const role = roleOf(foldWords(column.name))
    return role && holdsNames(column) ? [{ role, name: column }] : []
  })
  const about = named.map(() => new Map<'phone' | 'email' | 'agency_name' | 'role' | 'last_contact', Column>())
  for (const column of columns.filter((candidate) => !named.some(({ name }) => name === candidate))) {
    const heading = foldWords(column.name)
    for (const [field, ending] of endings) {
      const whose = ending.exec(heading)?.[1]
      const index = whose === undefined ? -1 : named.findIndex(({ name }) => isOf(whose, foldWords(name.name)))
      if (index >= 0 && fits(field, column) && !about[index]?.has(field)) about[index]?.set(field, column)
    }
  }
  return named.map((one, index) => ({ ...one, about: about[index] ?? new Map<never, Column>() }))
}

function roleOf(heading: string): Role | undefined {
  const plain = heading.replace(/ name$/, '')
  return readVocabulary().roles.find((role) => role.headings.includes(heading) || role.headings.includes(plain))
}

/** Yes, no and offered are states and not names; an address or a date is neither. */
function holdsNames({ profile }: Column): boolean {
  if (profile.dateForm !== null || profile.shares.email > 0.3 || profile.shares.phone > 0.3) return false
  return profile.filled > 0 && coverage('keyworker_states', profile).known < 0.3 && profile.average < 60
}

/** `worker` is of the `allocated worker`, `cc` of the `care co ordinator`. */
function isOf(whose: string, name: string): boolean {
  if (['home', 'mobile', 'work', 'contact', 'person', 'next of kin'].includes(whose)) return false
  const words = name.split(' ')
  const initials = words.map((word) => word[0]).join('')
  return whose.split(' ').every((word) => words.includes(word)) || initials === whose || initials.slice(0, 2) === whose
}

function fits(field: string, { profile }: Column): boolean {
  if (profile.filled === 0) return true
  if (field === 'phone') return profile.shares.phone >= 0.5
  if (field === 'email') return profile.shares.email >= 0.5
  return field === 'last_contact' ? profile.dateForm !== null : profile.dateForm === null
}
