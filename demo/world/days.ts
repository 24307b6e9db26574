/** Days are whole numbers since 1 January 1970, so that the life of a person is simple arithmetic. */
export type Day = number

const millisecondsOfDay = 86_400_000

export function dayOf(iso: string): Day {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / millisecondsOfDay)
}

/** yyyy-mm-dd */
export function isoDay(day: Day): string {
  return new Date(day * millisecondsOfDay).toISOString().slice(0, 10)
}

/** 03/02/2026 */
export function slashDay(day: Day): string {
  const [year, month, date] = isoDay(day).split('-')
  return `${date}/${month}/${year}`
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** 3 Feb 2026 */
export function wordDay(day: Day): string {
  const date = new Date(day * millisecondsOfDay)
  return `${date.getUTCDate()} ${monthNames[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** The serial number by which a spreadsheet stores a day: days since 30 December 1899. */
export function serialDay(day: Day): number {
  return day + 25_569
}

/** First day of the month `months` after the one that `day` is in. */
export function monthStart(day: Day, months = 0): Day {
  const date = new Date(day * millisecondsOfDay)
  return Math.round(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / millisecondsOfDay)
}

/** The day on which someone born on `born` turns `age`; 29 February becomes 1 March. */
export function birthday(born: Day, age: number): Day {
  const date = new Date(born * millisecondsOfDay)
  return Math.round(Date.UTC(date.getUTCFullYear() + age, date.getUTCMonth(), date.getUTCDate()) / millisecondsOfDay)
}

/** Completed years of age on `day`. */
export function ageOn(born: Day, day: Day): number {
  const years = new Date(day * millisecondsOfDay).getUTCFullYear() - new Date(born * millisecondsOfDay).getUTCFullYear()
  return birthday(born, years) <= day ? years : years - 1
}

/** Minutes that London is ahead of UTC at noon of `day`: summer time runs from the last Sunday of March to that of October. */
function londonOffset(day: Day): number {
  const year = new Date(day * millisecondsOfDay).getUTCFullYear()
  return day >= lastSunday(year, 2) && day < lastSunday(year, 9) ? 60 : 0
}

function lastSunday(year: number, month: number): Day {
  const last = Math.round(Date.UTC(year, month + 1, 0) / millisecondsOfDay)
  // 1 January 1970 was a Thursday: day 3 was the first Sunday.
  return last - ((last - 3) % 7)
}

/** 2026-07-03T09:00:00+01:00, as a London clock shows it. Clocks change at one in the morning. */
export function londonTime(day: Day, clock: string): string {
  const offset = londonOffset(clock < '01' ? day - 1 : day)
  return `${isoDay(day)}T${clock}:00${offset === 60 ? '+01:00' : '+00:00'}`
}

/** The London midnight that begins `day`, written in UTC: 23:00 of the day before while summer time runs. */
export function utcOfLondonMidnight(day: Day): string {
  return londonOffset(day - 1) === 60 ? `${isoDay(day - 1)}T23:00:00Z` : `${isoDay(day)}T00:00:00Z`
}
