import type { FeedName, Person } from './person.ts'

/** Each agency numbers its people in its own way; no number says anything about the person. */
export function makeLocalIds(first = 0): (feeds: readonly FeedName[]) => Person['localIds'] {
  const next: Record<FeedName, number> = {
    councils: first,
    trust: first,
    childrens_services: first,
    provider: first,
    inpatient_commissioning: first,
  }
  const write: Readonly<Record<FeedName, (count: number) => string>> = {
    councils: (count) => String(400_000 + count * 3),
    trust: (count) => `D${String(770_000 + count * 7).padStart(7, '0')}`,
    childrens_services: (count) => `CS-${String(count + 1).padStart(5, '0')}`,
    provider: (count) => `SL-${String(count + 1).padStart(4, '0')}`,
    inpatient_commissioning: (count) => `IC${String(50_000 + count * 2)}`,
  }
  return (feeds) => Object.fromEntries(feeds.map((feed) => [feed, write[feed](next[feed]++)]))
}
