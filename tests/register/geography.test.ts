import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { DsrError } from '../../register/errors.ts'
import { extractGeography } from '../../register/geography/extract.ts'
import { importGeography, type GeographyKind } from '../../register/geography/importGeography.ts'
import { readGeography } from '../../register/geography/readGeography.ts'

const geography = readGeography()

describe('our own geography', () => {
  it('has 42 ICBs, of which 12 ended on 1 April 2026', () => {
    expect(geography.icbs).toHaveLength(42)
    expect(geography.icbs.filter((icb) => icb.isAbolished)).toHaveLength(12)
  })

  it('puts Nottingham in the Midlands', () => {
    expect(geography.icbs.find((icb) => icb.ods === 'QT1')).toMatchObject({ regionCode: 'Y60', regionName: 'Midlands' })
  })

  it('has four ICBs in North East and Yorkshire, whose small areas we ship', () => {
    const inRegion = geography.icbs.filter((icb) => icb.regionCode === 'Y63').map((icb) => icb.ods)
    expect(inRegion.sort()).toEqual(['QF7', 'QHM', 'QOQ', 'QWO'])
    expect([...new Set(geography.lsoas.map((area) => area.icbOds))].sort()).toEqual(inRegion.sort())
  })

  it('gives each small area a known council and a fifth', () => {
    const councils = new Set(geography.councils.map((council) => council.gss))
    expect(geography.lsoas.filter((area) => !councils.has(area.utlaGss) || !/^[1-5]$/.test(area.quintile))).toEqual([])
    expect(new Set(geography.lsoas.map((area) => area.lsoa21)).size).toBe(geography.lsoas.length)
  })

  it('has 153 councils with social care duties', () => {
    expect(geography.councils).toHaveLength(153)
    expect(geography.councils.find((council) => council.name.startsWith('Kingston upon Hull'))?.icbs).toEqual(['QOQ'])
  })

  it('adds up to the people of England in mid-2020', () => {
    const sum = (group: string): number =>
      geography.populations.filter((row) => row.ageGroup === group).reduce((total, row) => total + row.people, 0)
    expect(sum('all')).toBe(56_550_138)
    expect(sum('under_18') + sum('adult')).toBe(sum('all'))
  })

  it('turns tenths of deprivation into fifths', () => {
    const lsoas = ['1', '2', '3', '9', '10'].map((decile, index) => ({
      lsoa21_code: `E0100000${index}`,
      icb24_ods: 'QOQ',
      ltla24_gss: 'E06000010',
      imd2025_decile: decile,
    }))
    const { 'lsoas.csv': rows } = extractGeography({ icbs: [], authorities: [], lsoas })
    expect(rows.map((row) => row['imd2025_quintile'])).toEqual(['1', '1', '2', '5', '5'])
  })
})

describe('importing an operator’s own file', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dsr-geography-'))
    return () => rmSync(folder, { recursive: true })
  })

  function take(name: string, lines: readonly string[], kind: GeographyKind): { readonly rows: number } {
    const file = join(folder, name)
    writeFileSync(file, lines.join('\n'))
    return importGeography(join(folder, 'reference'), file, kind)
  }

  function refusal(name: string, lines: readonly string[], kind: GeographyKind): string {
    try {
      take(name, lines, kind)
    } catch (error) {
      if (error instanceof DsrError) return error.message
      throw error
    }
    return 'it was taken'
  }

  const header = '"lsoa21_code","sicbl24_ods","icb24_gss","icb24_ods","ltla24_gss","imd2025_decile","imd2025_rank"'

  it('takes small areas, and the deployment’s own come first', () => {
    const lines = [
      header,
      '"E01000001","A3A8R","E54000029","QMF","E09000001",8,26525',
      '"E01020482","11J","E54000041","QVV","E07000052",1,9',
      '',
    ]
    expect(take('national.csv', lines, 'lsoas')).toEqual({ rows: 2 })
    expect(readGeography(join(folder, 'reference')).lsoas).toEqual([
      { lsoa21: 'E01000001', icbOds: 'QMF', utlaGss: 'E09000001', quintile: '4' },
      // A district that ended in 2019 leads to its present council.
      { lsoa21: 'E01020482', icbOds: 'QVV', utlaGss: 'E06000059', quintile: '1' },
    ])
    expect(readGeography(join(folder, 'reference')).populations).toEqual(geography.populations)
  })

  it('names every missing column with the nearest one of the file', () => {
    const message = refusal(
      'old.csv',
      ['lsoa11_code,icb22_ods,ltla24_gss,imd2025_decile', 'E01000001,QMF,E09000001,8'],
      'lsoas',
    )
    expect(message).toContain('lsoa21_code (nearest column of the file: lsoa11_code)')
    expect(message).toContain('icb24_ods (nearest column of the file: icb22_ods)')
  })

  it('names row and column of each fault, and never the value', () => {
    const lines = [header, 'E01000001,,,QMF,E09000001,8,', 'E01000001,,,QZZ,E09000001,8,', 'Hidden,,,QMF,Secret,11,']
    const message = refusal('faulty.csv', lines, 'lsoas')
    expect(message).toContain('row 3, lsoa21_code: occurs twice')
    expect(message).toContain('row 3, icb24_ods: expected the ODS code')
    expect(message).toContain('row 4, lsoa21_code: expected E01')
    expect(message).toContain('row 4, ltla24_gss: expected a GSS code')
    expect(message).toContain('row 4, imd2025_decile: expected 1 to 10')
    expect(message).not.toMatch(/QZZ|Hidden|Secret/)
    expect(existsSync(join(folder, 'reference'))).toBe(false)
  })

  it('shows ten faults and counts the rest', () => {
    const rows = Array.from({ length: 15 }, (_, index) => `E010000${10 + index},,,QOQ,E06000010,0,`)
    const message = refusal('faulty.csv', [header, ...rows], 'lsoas')
    expect(message.match(/^.*row \d+, /gm)).toHaveLength(10)
    expect(message).toContain('and 5 more')
  })

  it('takes populations in the layout of the estimates, the year from the name', () => {
    const lines = [
      'icb22_code,icb22_code_h,icb22_name,pop_all,pop_under18,pop_18plus',
      'E54000051,QOQ,Humber,100,30,70',
    ]
    expect(take('population_mid2024.csv', lines, 'populations')).toEqual({ rows: 3 })
    const source = 'ONS mid-2024 estimates'
    expect(readGeography(join(folder, 'reference')).populations).toEqual([
      { icbOds: 'QOQ', ageGroup: 'all', people: 100, year: 2024, source },
      { icbOds: 'QOQ', ageGroup: 'under_18', people: 30, year: 2024, source },
      { icbOds: 'QOQ', ageGroup: 'adult', people: 70, year: 2024, source },
    ])
  })

  it('refuses populations whose year nobody says', () => {
    const lines = ['icb22_code_h,pop_all,pop_under18,pop_18plus', 'QOQ,100,30,70']
    expect(refusal('population.csv', lines, 'populations')).toContain('its year is not known')
  })

  it('takes populations in long layout and refuses what is not a number', () => {
    const head = 'icb_ods,age_group,people,year,source'
    expect(refusal('people.csv', [head, 'QOQ,all,1.5,2024,own', 'QOQ,children,5,24,own'], 'populations')).toMatch(
      /row 2, people: [\s\S]*row 3, age_group: [\s\S]*row 3, year: /,
    )
    expect(take('people.csv', [head, 'QOQ,all,15,2024,own'], 'populations')).toEqual({ rows: 1 })
  })

  it('says so when the file is empty or absent', () => {
    expect(refusal('empty.csv', [header], 'lsoas')).toContain('it has no rows')
    expect(() => importGeography(folder, join(folder, 'absent.csv'), 'lsoas')).toThrow('it cannot be read')
  })
})
