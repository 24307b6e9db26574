import { describe, expect, it } from 'vitest'
import { DsrError } from '../../register/errors.ts'
import { checkSettings } from '../../register/settings.ts'

function messageOf(parsed: unknown): string {
  try {
    checkSettings(parsed, 'dsr.yml')
  } catch (error) {
    if (error instanceof DsrError) return error.message
    throw error
  }
  return 'nothing was wrong'
}

describe('settings', () => {
  it('an empty file lacks only the ICBs', () => {
    expect(messageOf({})).toMatch(/^dsr\.yml: icbs: /)
  })

  it('defaults are filled in', () => {
    const settings = checkSettings({ icbs: ['QOQ'] }, 'dsr.yml')
    expect(Object.fromEntries(settings.review_intervals.map(({ rating, days }) => [rating, days]))).toEqual({
      red: 7,
      amber: 14,
      green: 90,
      blue: 28,
    })
    expect(settings.disclosure_rule).toBe('nhs-lda-keyed')
  })

  it('an unknown setting is named with its nearest match', () => {
    expect(messageOf({ icbs: ['QOQ'], consent_grace: 30 })).toContain(
      'unknown setting consent_grace; the nearest known one is consent_grace_days',
    )
  })

  it('an unknown setting inside an interval is matched there', () => {
    const interval = { rating: 'red', days: 7, validfrom: '2026-01-01' }
    expect(messageOf({ icbs: ['QOQ'], review_intervals: [interval] })).toContain('the nearest known one is valid_from')
  })

  it('an ICB that does not exist is a fault, in the list and as the place of an interval', () => {
    expect(messageOf({ icbs: ['QOQ', 'QZZ'] })).toContain('icbs.1: no ICB has the ODS code QZZ')
    const interval = { rating: 'red', days: 7, place: 'Hull' }
    expect(messageOf({ icbs: ['QOQ'], review_intervals: [interval] })).toContain('no ICB has the ODS code Hull')
    const anywhere = { ...interval, place: 'any' }
    expect(messageOf({ icbs: ['QOQ'], review_intervals: [anywhere] })).toBe('nothing was wrong')
  })

  it.each([
    [{ icbs: 'QOQ' }, 'give the ODS codes as a list'],
    [{ icbs: ['QOQ'], as_of: '22.11.2026' }, 'or the word today'],
    [['QOQ'], 'dsr.yml: settings: '],
  ])('a value of another form is said with what is expected', (parsed, words) => {
    expect(messageOf(parsed)).toContain(words)
  })

  it('all faults are said at once', () => {
    const message = messageOf({ icbs: [], gap_days: 0, as_of: '1 November', asof: 1 })
    for (const part of ['icbs:', 'gap_days:', 'as_of', 'unknown setting asof']) expect(message).toContain(part)
  })
})
