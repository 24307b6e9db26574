export type NhsNumber = string & { readonly is: 'NhsNumber' }

/**
 * Ten digits whose last is the modulus 11 check digit of the first nine (weights 10 to 2; 11 becomes 0, 10 is invalid).
 * The ten numbers of one repeated digit pass that sum and are refused (domain.md 8).
 */
export function isNhsNumber(text: string): text is NhsNumber {
  if (!/^\d{10}$/.test(text) || /^(\d)\1{9}$/.test(text)) return false
  return checkDigit(text.slice(0, 9)) === Number(text[9])
}

/** Check digit of nine digits; 10 means that no valid number begins with them. */
export function checkDigit(nine: string): number {
  const sum = Array.from(nine).reduce((total, digit, index) => total + Number(digit) * (10 - index), 0)
  const check = 11 - (sum % 11)
  return check === 11 ? 0 : check
}
