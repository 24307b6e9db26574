import { describe, expect, it } from 'vitest'
import { checkDigit, isNhsNumber } from '../../register/nhsNumber.ts'

describe('NHS numbers', () => {
  it.each([
    '9990000018',
    '9990000026',
    '9990000034',
    '9990000042',
    '9990000050',
    '9990000069',
    '9990000077',
    '9990000085',
    '9990000093',
    '9990000107',
  ])('the test number %s is valid', (number) => {
    expect(isNhsNumber(number)).toBe(true)
  })

  it('the published worked example gives check digit 9', () => {
    // 943 476 591: weighted sum 299, remainder 2, 11 - 2 = 9.
    expect(checkDigit('943476591')).toBe(9)
  })

  it('a remainder of nought makes the check digit nought', () => {
    expect(checkDigit('999000005')).toBe(0)
  })

  it('the widely copied sample number is refused', () => {
    expect(checkDigit('999123456')).toBe(10)
    expect(isNhsNumber('9991234560')).toBe(false)
  })

  it.each([...'0123456789'])('ten times the digit %s is refused', (digit) => {
    const number = digit.repeat(10)
    expect(checkDigit(number.slice(0, 9)), 'the sum alone would let it pass').toBe(Number(digit))
    expect(isNhsNumber(number)).toBe(false)
  })

  it('one wrong digit is always noticed', () => {
    const number = '9990000018'
    const wrong = [...number].flatMap((digit, index) =>
      [...'0123456789']
        .filter((other) => other !== digit)
        .map((other) => number.slice(0, index) + other + number.slice(index + 1)),
    )
    expect(wrong).toHaveLength(90)
    expect(wrong.filter(isNhsNumber)).toEqual([])
  })

  it.each(['', '999000001', '99900000180', '999 000 0018', '999000001A'])('the text "%s" is not ten digits', (text) => {
    expect(isNhsNumber(text)).toBe(false)
  })
})
