import { hasCodes, parseCodes, readCodes, type Code } from '../readCodes.ts'

/** The codes of a list; none for a list that is not ours to know, such as the deployment's feeds. */
export type ReadList = (list: string) => readonly Code[]

/** Reads lists from the files about to be written before those on disk, so that one run is enough. */
export function readLists(derived: ReadonlyMap<string, string>): ReadList {
  return (list) => {
    const text = derived.get(`register/codes/${list}.csv`)
    if (text !== undefined) return parseCodes(text)
    return hasCodes(list) ? readCodes(list) : []
  }
}
