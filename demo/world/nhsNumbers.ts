import { checkDigit } from '../../register/nhsNumber.ts'

/**
 * Gives each caller another valid number of the 999 range, which is never issued (domain.md 8); null once its 909,091
 * numbers are used up. The order is scattered, so that neighbours in a file do not have neighbouring numbers.
 */
export function makeNhsNumbers(seed: number): () => string | null {
  let used = 0
  const offset = Math.abs(seed) % 1_000_000
  return () => {
    while (used < 1_000_000) {
      // 387,421 shares no factor with a million: each six digits come up once.
      const six = String((used++ * 387_421 + offset) % 1_000_000).padStart(6, '0')
      const digit = checkDigit(`999${six}`)
      if (digit !== 10 && !(six === '999999' && digit === 9)) return `999${six}${digit}`
    }
    return null
  }
}
