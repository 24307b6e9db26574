import type { Person, Professional } from './person.ts'

/**
 * Values of a person who stands for everyone: each occurs nowhere else, so that a leak of one of them is seen at once. One
 * value for each identifying field that an agency's file has; tests/pseudonymise/canaries.test.ts looks for all of them.
 */
export interface Canary {
  readonly givenName: string
  readonly familyName: string
  readonly preferredName: string
  readonly phone: string
  readonly street: string
  readonly professional: string
  readonly professionalPhone: string
  readonly email: string
  /** A word that no one has said before, with the number of the canary: it stands in each free text. */
  readonly word: string
}

const names: readonly (readonly [given: string, family: string, preferred: string, professional: string])[] = [
  ['Zephyrantha', 'Quillonbeck-Vostrane', 'Zéphie-Ånn', 'Ottokar Grünwaldpym'],
  ['Ignatzio', 'Umbraskelly', 'Ïggzo', 'Perpétua Haldøverby'],
  ['Wilhemenda', 'Pfaffinthorpe', 'Mëndawil', 'Ludovica Ferrarspike'],
  ['Xanthorio', 'Dwyrrlochan', 'Xanthö', 'Barnabas Wexcombelly'],
  ['Ysoldabeth', 'Jekyllmarsh-Oaf', 'Ysölda', 'Columbine Threlkettle'],
]

/** In the order in which they come in the demo: one among each hundred people. */
export const canaries: readonly Canary[] = names.map(([givenName, familyName, preferredName, professional], index) => ({
  givenName,
  familyName,
  preferredName,
  professional,
  phone: `01632 96099${index + 1}`,
  professionalPhone: `01632 96098${index + 1}`,
  street: `${301 + index} Quincefeather Passage`,
  email: `canary.${index + 1}@quincefeather.example.org`,
  word: `Gribblefloss${'abcde'[index]}`,
}))

/** The person with a canary's word in every free text, and its professional in every agency. */
export function withCanary(person: Person, canary: Canary, note: string): Person {
  const said = (text: string): string => `${text} ${canary.word}.`
  const worker = ([feed, professional]: [string, Professional]): [string, Professional] => [
    feed,
    { ...professional, name: canary.professional, phone: canary.professionalPhone, email: canary.email },
  ]
  return {
    ...person,
    communication: said(person.communication),
    adjustments: said(person.adjustments),
    education: person.education === null ? null : `${canary.word} School`,
    entries: person.entries.map((entry) => ({ ...entry, reason: said(entry.reason) })),
    issues: person.issues.map((issue) => ({ ...issue, note: `${issue.note} ${note} ${canary.word}.` })),
    suggestion: person.issues.length > 0 ? said(person.suggestion) : `${note} ${canary.word}.`,
    escalation: person.escalation && { ...person.escalation, forum: said(person.escalation.forum) },
    professionals: Object.fromEntries(Object.entries(person.professionals).map(worker)) as Person['professionals'],
  }
}
