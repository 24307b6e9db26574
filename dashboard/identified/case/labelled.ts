import { labelOf } from '../labels.ts'

/** `Autism: Confirmed`, or nothing without a code. With an empty list the code is shown as it is. */
export function labelled(name: string, list: string, code: unknown): string {
  const label = list === '' ? (typeof code === 'string' ? code : '') : labelOf(list, code)
  return label === '' ? '' : `${name}: ${label}`
}
