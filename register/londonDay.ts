/** The calendar day in London at a moment (a Date, or milliseconds of the epoch), yyyy-mm-dd (security.md RL-07). */
export function londonDay(at: Date | number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format(at)
}
