import { isRepeatedDigitSql, nhsRemainderSql } from '../register/nhsNumberSql.ts'

/**
 * SQL expression: the text when it is a valid NHS number (ten digits, modulus 11, not one digit repeated), else null.
 * Ingest has checked it already; a pseudonym rests on it (security.md PS-01), so it is not taken on trust here.
 */
export function validNhsNumberSql(textSql: string): string {
  const number = `cast(${textSql} as bigint)`
  const isRight = `${nhsRemainderSql(number)} = 0 and not ${isRepeatedDigitSql(number)}`
  return `case when regexp_full_match(${textSql}, '[0-9]{10}') then case when ${isRight} then ${textSql} end end`
}
