import { describe, expect, it } from 'vitest'
import { isPseudonym } from '../../register/pseudonym.ts'
import { pseudonymisedColumns, pseudonymisedTables } from '../../register/pseudonymisedColumns.ts'
import { hasCodes } from '../../register/readCodes.ts'
import { readDictionary, type Field, type Table } from '../../register/readDictionary.ts'

const dictionary = readDictionary()
const tables = pseudonymisedTables(dictionary)

function namesOf(table: string): readonly string[] {
  return tables.find(({ name }) => name === table)?.columns.map((column) => column.name) ?? []
}

describe('the pseudonymised columns', () => {
  it.each(dictionary)('of $name hold every field that is to be kept, and no other', ({ name, fields }) => {
    const kept = fields.filter((field) => field.treatment === 'keep').map((field) => field.name)
    const others = fields.filter((field) => field.treatment !== 'keep').map((field) => field.name)
    expect(namesOf(name)).toEqual(expect.arrayContaining(kept))
    expect(namesOf(name).filter((column) => others.includes(column))).toEqual([])
  })

  it('have a closed list for each text but the pseudonym', () => {
    const texts = tables.flatMap((table) => table.columns.filter((column) => column.type.startsWith('varchar')))
    const open = texts.filter((column) => column.name !== 'pseudonym' && column.list === null)
    expect(open.map((column) => column.name)).toEqual([])
    const lists = new Set(texts.flatMap((column) => column.list?.split('|') ?? []))
    expect([...lists].filter((list) => !hasCodes(list))).toEqual(['feeds'])
  })

  it.each(tables)('of $name are named once, the key among them', ({ key, columns }) => {
    const names = columns.map((column) => column.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining([...key]))
  })

  it('never follow from the name of a field: a new kept code appears, a new note does not', () => {
    const field = (name: string, type: Field['type'], treatment: Field['treatment']): Field => ({
      name,
      meaning: 'Made up.',
      type,
      required: false,
      identifies: 'no',
      treatment,
      ...(type === 'code' ? { codes: 'ratings' } : {}),
    })
    const table: Table = {
      name: 'visits',
      meaning: 'A visit.',
      eventDate: null,
      fields: [field('colour', 'code', 'keep'), field('words', 'note', 'drop'), field('more', 'note', 'theme')],
    }
    expect(pseudonymisedColumns(table).map((column) => column.name)).toEqual([
      'row_id',
      'pseudonym',
      'feed',
      'feed_agency',
      'delivered_on',
      'colour',
      'age_band',
    ])
  })

  it('know a pseudonym when they see one', () => {
    const hex = '0123456789abcdef'.repeat(2)
    expect([`p1_${hex}`, `p1x_${hex}`, `p12_${hex}`].every(isPseudonym)).toBe(true)
    expect(
      [hex, `p1_${hex}0`, `p1_${hex.toUpperCase()}`, `p0_${hex}`, `p1_${hex}\n`, '9990000018'].some(isPseudonym),
    ).toBe(false)
  })
})
