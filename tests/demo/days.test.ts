import { expect, test } from 'vitest'
import {
  ageOn,
  birthday,
  dayOf,
  isoDay,
  londonTime,
  monthStart,
  serialDay,
  slashDay,
  utcOfLondonMidnight,
  wordDay,
} from '../../demo/world/days.ts'

test('a day is written as each agency writes it', () => {
  const day = dayOf('2026-03-03')
  expect([isoDay(day), slashDay(day), wordDay(day), serialDay(day)]).toEqual([
    '2026-03-03',
    '03/03/2026',
    '3 Mar 2026',
    46084,
  ])
})

test('London is an hour ahead from the last Sunday of March to that of October', () => {
  const written = ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25'].map((day) => londonTime(dayOf(day), '09:00'))
  expect(written.map((time) => time.slice(-6))).toEqual(['+00:00', '+01:00', '+01:00', '+00:00'])
})

test('on the days when clocks change, midnight still has the offset of the day before', () => {
  const written = ['2026-03-29', '2026-10-25'].map((day) => londonTime(dayOf(day), '00:00'))
  expect(written).toEqual(['2026-03-29T00:00:00+00:00', '2026-10-25T00:00:00+01:00'])
})

test('a summer midnight of London is 23:00 of the day before in UTC', () => {
  expect([utcOfLondonMidnight(dayOf('2026-07-03')), utcOfLondonMidnight(dayOf('2026-12-03'))]).toEqual([
    '2026-07-02T23:00:00Z',
    '2026-12-03T00:00:00Z',
  ])
})

test('the midnight that begins the first day of summer time is still winter time', () => {
  expect(utcOfLondonMidnight(dayOf('2026-03-29'))).toBe('2026-03-29T00:00:00Z')
})

test('the midnight that begins the last day of summer time is still summer time', () => {
  expect(utcOfLondonMidnight(dayOf('2026-10-25'))).toBe('2026-10-24T23:00:00Z')
})

test('someone born on 29 February has a birthday on 1 March', () => {
  const born = dayOf('2008-02-29')
  expect(isoDay(birthday(born, 18))).toBe('2026-03-01')
  expect([ageOn(born, dayOf('2026-02-28')), ageOn(born, dayOf('2026-03-01'))]).toEqual([17, 18])
})

test('months are counted from their first day', () => {
  expect([isoDay(monthStart(dayOf('2026-11-17'))), isoDay(monthStart(dayOf('2026-11-17'), -12))]).toEqual([
    '2026-11-01',
    '2025-11-01',
  ])
})
