import type { Row } from './openVersions.ts'
import { text } from './words.ts'

/** `Given Family`, with the name the person likes to be called in brackets where it is another. */
export function personName(row: Row): string {
  const given = text(row['given_name'])
  const preferred = text(row['preferred_name'])
  const called = preferred !== '' && preferred !== given ? ` (${preferred})` : ''
  return `${given}${called} ${text(row['family_name'])}`.trim()
}
