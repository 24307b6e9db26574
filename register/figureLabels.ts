import { readGeography } from './geography/readGeography.ts'
import { readCodes } from './readCodes.ts'

/** Code lists that figures are broken down by. */
const lists = [
  'agencies',
  'measures',
  'place_kinds',
  'ratings',
  'service_families',
  'services',
  'themes',
  'unavailable_reasons',
] as const

/**
 * Labels of every code that a figure may hold, by list; `places` and `ratings` have `all` too.
 * @param icbs ODS codes of the deployment's ICBs: no other place can appear.
 */
export function figureLabels(icbs: readonly string[]): Record<string, Record<string, string>> {
  const labels: Record<string, Record<string, string>> = {}
  for (const list of lists) labels[list] = Object.fromEntries(readCodes(list).map(({ code, label }) => [code, label]))
  labels['places'] = placeLabels(icbs)
  labels['ratings'] = { ...labels['ratings'], all: 'All ratings' }
  return labels
}

function placeLabels(icbs: readonly string[]): Record<string, string> {
  const names = new Map(readGeography().icbs.map(({ ods, name }) => [ods, shortName(name)]))
  return { all: 'Whole register', ...Object.fromEntries([...icbs].sort().map((ods) => [ods, names.get(ods) ?? ods])) }
}

/** The official names begin and end alike, which hides what tells them apart in a list. */
function shortName(name: string): string {
  return name.replace(/^NHS /, '').replace(/ Integrated Care Board$/, '')
}
