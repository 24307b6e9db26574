import { describe, expect, test } from 'vitest'
import { datesIn } from '../../pseudonymise/datesIn.ts'
import { decodePage, decodeText } from '../../pseudonymise/decodeFile.ts'
import { nameRuns, personNames, surnamesOf, type WordRun } from '../../pseudonymise/nameForms.ts'
import { readText } from '../../pseudonymise/ownTexts.ts'
import type { Identifiers } from '../../pseudonymise/readIdentifiers.ts'
import { narrowToOwnTexts, scanText, type Wanted } from '../../pseudonymise/scanText.ts'
import { wordsOf } from '../../pseudonymise/wordsOf.ts'

// The rules of docs/pseudonymisation.md, one test each. Every person is invented.

interface Named {
  readonly given: string
  readonly family: string
}

const people: readonly Named[] = [
  { given: 'Zoë', family: 'Müllerin' },
  { given: 'Amber', family: 'Green' },
  { given: 'Rose', family: 'Field' },
  { given: 'Will', family: 'May' },
  { given: 'Hope', family: 'Grace' },
  { given: 'Søren', family: "O'Brannagh" },
  { given: 'Ada', family: 'García-Ruel' },
  { given: 'Bo', family: 'Ho' },
]

/** Texts of ours in which common words stand: each rule about them is about these. */
const ours = [
  'The review may be late. Ratings: red, amber, green, blue.',
  'a field of the table; prices rose; hope for the best',
  'select by grace; no row will may be lost',
  'from 1999-12-31 on',
]

const wanted = wantedOf(people, ours)

function wantedOf(list: readonly Named[], texts: readonly string[], more: Partial<Identifiers> = {}): Wanted {
  const runs = [
    ...list.flatMap(({ given, family }) => [...personNames([given], [family]), ...surnamesOf(family).runs]),
    ...nameRuns('Dr Ludovic Ferrars-Pym'),
  ]
  const index = new Map<string, WordRun[]>()
  for (const run of runs) {
    const key = `${run.words[0]} ${run.words[1]}`
    index.set(key, [...(index.get(key) ?? []), run])
  }
  const identifiers: Identifiers = {
    nhsNumbers: new Set(['9990000026']),
    birthDates: new Set(['2008-03-14', '1999-12-31', '2026-10-01']),
    postcodes: new Set(['ZZ14QQ']),
    phones: new Set(['01632960123']),
    emails: new Set(['l.ferrars@example.org']),
    ids: new Set(['asc-100234']),
    surnames: new Set(
      [...list.map(({ family }) => family), 'Ferrars-Pym'].flatMap((family) => surnamesOf(family).words),
    ),
    runs: index,
    ...more,
  }
  return narrowToOwnTexts(identifiers, { texts: texts.map(readText), words: [], firstDay: '2023-11-01' }).wanted
}

const kindsIn = (text: string): string[] =>
  scanText(decodeText(text), wanted).map(({ kind, times }) => `${kind} ${times}`)

describe('a full name counts, in whatever way it is written', () => {
  test.each([
    'Zoë Müllerin',
    'MÜLLERIN, ZOE',
    'muellerin zoë müllerin',
    'zoe.mullerin@nowhere',
    'zoe_mullerin',
    'Zoë\u00a0M\u00fc\u00adllerin',
    'Zoe\u0308 Mu\u0308llerin',
    'Zoë A. Müllerin',
    'ＺＯＥ ＭＵＬＬＥＲＩＮ',
    'Soren OBrannagh',
    'Søren O’Brannagh',
    'O‘BRANNAGH, SØREN',
    'Ada Garcia Ruel',
    'Ludovic Ferrars-Pym',
    'Bo Ho',
    'Ho, Bo',
  ])('%s', (text) => {
    expect(kindsIn(text)).toEqual(['name 1'])
  })
})

describe('a surname alone counts', () => {
  test.each(['Müllerin', 'mullerin was late', 'OBRANNAGH', 'Brannagh', 'García-Ruel', 'Ruel', 'row of Ferrars'])(
    'when it is no word of ours: %s',
    (text) => {
      expect(kindsIn(text)).toEqual(['name 1'])
    },
  )

  test.each(['green', 'GREEN', 'field', 'May', 'grace', 'Ho', 'ho'])('not when it is one, or short: %s', (text) => {
    expect(kindsIn(text)).toEqual([])
  })

  test.each(['Mr Green', 'MRS FIELD', 'Dr. May', 'Miss Grace', 'Ms Green'])('behind a title even then: %s', (text) => {
    expect(kindsIn(text)).toEqual(['name 1'])
  })

  test('but 12 ms is a time and no title', () => {
    expect(kindsIn('12 ms green')).toEqual([])
  })

  test('but not in a file that is no text, where lengths look like letters', () => {
    expect(kindsIn('\u0001\u0002Müllerin')).toEqual([])
    expect(kindsIn('\u0001\u0002Zoë Müllerin')).toEqual(['name 1'])
  })

  test('a given name alone names nobody', () => {
    expect(kindsIn('Zoë, Rose, Hope, Will, Søren')).toEqual([])
  })
})

describe('a full name of common words', () => {
  test.each(['Rose Field', 'field, rose', 'Hope Grace', 'grace hope'])(
    'that stands nowhere in our texts counts as any other: %s',
    (text) => {
      expect(kindsIn(text)).toEqual(['name 1'])
    },
  )

  test.each(['Amber Green', 'AMBER GREEN', 'Amber GREEN', 'Will May'])(
    'that stands there counts as it is written for a person: %s',
    (text) => {
      expect(kindsIn(text)).toEqual(['name 1'])
    },
  )

  test.each(['amber, green', 'Amber, Green', 'red\nAmber\nGreen', 'will may', 'xAmber Greeny'])(
    'and not as our words: %s',
    (text) => {
      expect(kindsIn(text)).toEqual([])
    },
  )

  test('how many are looked for in that form only is told', () => {
    const { narrowed } = narrowToOwnTexts(wanted, { texts: ours.map(readText), words: [], firstDay: '2023-11-01' })
    expect(narrowed).toEqual({ namesLikeOurWords: 0, birthDatesLikeOurDays: 0 })
    const first = narrowToOwnTexts(
      { ...wanted, birthDates: new Set(['1999-12-31', '2026-10-01', '2008-03-14']), runs: wantedOf(people, []).runs },
      { texts: ours.map(readText), words: [], firstDay: '2023-11-01' },
    )
    expect(first.narrowed).toEqual({ namesLikeOurWords: 2, birthDatesLikeOurDays: 2 })
  })
})

describe('a birth date counts in each form', () => {
  test.each([
    '2008-03-14',
    '2008-03-14T00:00:00',
    '2008/3/14',
    '14/03/2008',
    '14/3/2008',
    '14/03/08',
    '14.03.2008',
    '14-03-2008',
    '14 March 2008',
    '14th of March, 2008',
    '14 Mar 2008',
    '14-MAR-2008',
    'March 14, 2008',
    '20080314',
  ])('%s', (text) => {
    expect(kindsIn(`born ${text}.`)).toEqual(['birth date 1'])
  })

  test.each(['2008-03-15', '120080314', '0.20080314', '20080314.5', '2008-03-141', 'p 14.3.20081'])(
    'and nothing that only looks like it: %s',
    (text) => {
      expect(kindsIn(text)).toEqual([])
    },
  )

  test.each(['1999-12-31', '2026-10-01', '1 October 2026'])(
    'but not a day that our texts name, or one of the published months: %s',
    (text) => {
      expect(kindsIn(text)).toEqual([])
    },
  )

  test('a short year is read in both centuries', () => {
    expect(datesIn('1/2/34')).toEqual(['1934-02-01', '2034-02-01'])
  })
})

describe('numbers and addresses count', () => {
  test.each([
    ['NHS number 1', '999 000 0026'],
    ['NHS number 1', '999-000-0026'],
    ['NHS number 1', '999.000.0026'],
    ['NHS number 1', '999–000–0026'],
    ['NHS number 1', '999\u00a0000\u00a00026'],
    ['NHS number 1', '999%20000%200026'],
    ['NHS number 1', '９９９ ０００ ００２６'],
    ['telephone 1', '+44 (0)1632 960123'],
    ['telephone 1', '01632/960-123'],
    ['postcode 1', 'zz1 4qq'],
    ['postcode 1', 'at=ZZ1+4QQ&x'],
    ['e-mail 1', 'L.Ferrars%40Example.org'],
    ['local number 1', 'cases/asc-100234/x'],
  ])('as %s: %s', (kind, text) => {
    expect(kindsIn(text).filter((found) => !found.startsWith('name'))).toEqual([kind])
  })

  test('digits of a digest or of a longer number do not', () => {
    expect(kindsIn(`${'a'.repeat(20)}9990000026${'b'.repeat(34)} 19990000026 99900000261`)).toEqual([])
  })
})

describe('escapes are undone', () => {
  test.each([
    'M\\u00fcllerin',
    'M\\xc3\\xbcllerin',
    'M&uuml;llerin',
    'M&#252;llerin',
    'M&#xfc;llerin',
    'M%C3%BCllerin',
    'M%fcllerin',
    'M&amp;uuml;llerin',
    'M\\\\u00fcllerin'.replace('\\\\', '\\'),
    'MÃ¼llerin',
  ])('%s', (text) => {
    expect(wordsOf(decodeText(text))).toContain('mullerin')
  })

  test('a name in two cells of a table, or in an attribute, is seen', () => {
    const seen = (markup: string): string[] => scanText(decodePage(markup), wanted).map(({ kind }) => kind)
    expect(seen('<tr><td class="a">Rose</td><td>Field</td></tr>')).toEqual(['name'])
    expect(seen('<p title="Rose Field">x</p>')).toEqual(['name'])
    expect(seen('<p class="rose">of a <b>field</b></p>')).toEqual([])
  })
})
