const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** 2026-10-31 → 31 October 2026. */
export function dayName(iso: string): string {
  return day.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`))
}

/** 2026-10-01 → October 2026. */
export function monthName(iso: string): string {
  return month.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`))
}
