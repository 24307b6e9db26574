import { may, type Visitor } from './permissions.ts'

/**
 * Whether a visitor may open the case of a person whose responsible commissioner is `place` (ODS code of an ICB).
 * Role permits the kind of action, place permits the record (security.md AZ-02). A person without a recorded place is in
 * nobody's: the quality page counts them, so that somebody puts it right.
 */
export function mayOpenCase(visitor: Visitor | null, place: string | null): boolean {
  return visitor !== null && may(visitor, 'case') && place !== null && visitor.places.includes(place)
}

/** The places a list is narrowed to: those of the visitor, of these the chosen one if any, and none by default. */
export function placesInList(visitor: Visitor | null, chosen: string | null): readonly string[] {
  const own = visitor?.places ?? []
  return chosen === null ? own : own.filter((place) => place === chosen)
}
