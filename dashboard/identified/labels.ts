import { hasCodes, readCodes } from '../../register/readCodes.ts'

const lists = new Map<string, ReadonlyMap<string, string>>()

/** Label of a code for people to read; the code itself where the list does not know it, so that nothing disappears. */
export function labelOf(list: string, code: unknown): string {
  if (typeof code !== 'string' || code === '') return ''
  let labels = lists.get(list)
  if (!labels) {
    labels = new Map(hasCodes(list) ? readCodes(list).map((row) => [row.code, row.label]) : [])
    lists.set(list, labels)
  }
  return labels.get(code) ?? code
}
