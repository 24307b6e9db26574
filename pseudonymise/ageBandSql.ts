/** First age of each band above the first, in whole years; the codes are those of register/codes/age_bands.csv. */
const bands = [
  [16, '0-15'],
  [18, '16-17'],
  [25, '18-24'],
  [35, '25-34'],
  [45, '35-44'],
  [55, '45-54'],
  [65, '55-64'],
] as const

/**
 * SQL expression for the age band on a day, from two date expressions. Bands change at 16 and 18 because consent and the
 * change to adult services do (domain.md 2.5). A day before birth, or a missing date, gives `unknown`.
 */
export function ageBandSql(birthSql: string, daySql: string): string {
  // Digits of the dates, not date_sub: that has people born on 29 February come of age on the 28th.
  const digits = (date: string): string => `(year(${date}) * 10000 + month(${date}) * 100 + day(${date}))`
  const age = `((${digits(daySql)} - ${digits(birthSql)}) // 10000)`
  const cases = bands.map(([below, code]) => `when ${age} < ${below} then '${code}'`)
  return `case when ${birthSql} is null or ${daySql} is null or ${birthSql} > ${daySql} then 'unknown' ${cases.join(' ')} else '65+' end`
}
