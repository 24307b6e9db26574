import { describe, expect, test } from 'vitest'
import type { Cell } from '../../register/release.ts'
import { changeWords } from '../../dashboard/words/compareCells.ts'

const shown = (value: number): Cell => ({ value, state: 'shown' })
const suppressed: Cell = { value: null, state: 'suppressed' }
const missing: Cell = { value: null, state: 'not_available' }

describe('whether a published figure rose', () => {
  test.each([
    [shown(35), shown(20), 'up from 20 a year before'],
    [shown(95), shown(90), 'about the same as a year before'],
    [shown(80), shown(90), 'down from 90 a year before'],
    [shown(60), suppressed, 'up from fewer than 5 a year before'],
    [shown(10), suppressed, ''],
    [suppressed, shown(40), 'down from 40 a year before'],
    [suppressed, suppressed, ''],
    [shown(60), missing, ''],
  ])('case %#', (now, before, words) => {
    expect(changeWords(now, before, 'a year before', false)).toBe(words)
  })

  test('exact figures are taken at their word', () => {
    expect(changeWords(shown(91), shown(90), 'a year before', true)).toBe('up from 90 a year before')
    expect(changeWords(shown(90), shown(90), 'a year before', true)).toBe('the same as a year before')
  })
})
