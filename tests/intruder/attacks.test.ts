import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'
import { servedDemo } from '../pipeline/dsr.ts'

type Pair = readonly [number, number]
type Bounds = ReadonlyMap<string, Pair>
interface Sum {
  readonly total: string
  readonly parts: readonly string[]
}
interface Attacks {
  readonly boundsOf: (value: string) => Pair
  readonly closeBounds: (bounds: Bounds, sums: readonly Sum[]) => Bounds
  readonly singledOut: (close: Bounds) => readonly string[]
  readonly provenChanges: (close: Bounds, steps: readonly (readonly [string, string])[]) => readonly unknown[]
  readonly homogeneous: (close: Bounds, sums: readonly Sum[]) => readonly string[]
  readonly linkStories: (stories: readonly object[], records: readonly object[]) => object
  readonly alone: (records: readonly object[]) => number
}
const program = './attacks.mjs'
const { alone, boundsOf, closeBounds, homogeneous, linkStories, provenChanges, singledOut } = (await import(
  program
)) as Attacks

const boundsFrom = (cells: Readonly<Record<string, Pair>>): Map<string, Pair> => new Map(Object.entries(cells))
const exact = (people: number): Pair => [people, people]

describe('an intruder finds a hole that is there', () => {
  const sums = [{ total: 'all', parts: ['red', 'amber', 'green'] }]

  test('a hidden group that is a total less the shown parts', () => {
    const leaky = boundsFrom({ all: exact(27), red: exact(10), amber: exact(15), green: boundsOf('[c]') })
    expect(singledOut(closeBounds(leaky, sums))).toEqual(['green'])
  })

  test('a hidden group that follows from two sums one after the other', () => {
    const leaky = boundsFrom({
      all: exact(30),
      north: exact(20),
      south: boundsOf('10'),
      'south red': exact(8),
      'south blue': boundsOf('[c]'),
    })
    const two = [
      { total: 'all', parts: ['north', 'south'] },
      { total: 'south', parts: ['south red', 'south blue'] },
    ]
    expect(singledOut(closeBounds(leaky, two))).toEqual(['south blue'])
  })

  test('a small number that is shown as it is, and one person who came in a month', () => {
    const leaky = boundsFrom({ may: exact(12), june: exact(13), tiny: exact(3) })
    expect(singledOut(closeBounds(leaky, []))).toEqual(['tiny'])
    expect(provenChanges(leaky, [['may', 'june']])).toEqual([['may', 'june']])
  })

  test('an attribute that everyone of a group has', () => {
    const leaky = boundsFrom({ all: exact(10), red: exact(10), amber: exact(0), green: exact(0) })
    expect(homogeneous(leaky, sums)).toEqual(['red'])
  })

  test('a story that fits one record, and one whose records share a secret', () => {
    const stories = [
      { story: '1', key: 'woman 34 Leeds', person: 'p1' },
      { story: '2', key: 'man 20 York', person: 'p2' },
      { story: '3', key: 'man 60 Hull', person: null },
    ]
    const records = [
      { key: 'woman 34 Leeds', person: 'p1', secret: 'section 3' },
      { key: 'man 20 York', person: 'p2', secret: 'section 2' },
      { key: 'man 20 York', person: 'p3', secret: 'section 2' },
      { key: 'man 60 Hull', person: 'p4', secret: 'none' },
    ]
    expect(linkStories(stories, records)).toEqual({ stories: 3, one: 2, right: 1, told: 1, toldRight: 1 })
    expect(alone(records)).toBe(2)
  })
})

describe('an intruder finds nothing', () => {
  test('where counts are changed, rounded and hidden', () => {
    const safe = boundsFrom({
      all: boundsOf('25'),
      red: boundsOf('10'),
      amber: boundsOf('15'),
      green: boundsOf('[c]'),
    })
    const sums = [{ total: 'all', parts: ['red', 'amber', 'green'] }]
    const close = closeBounds(safe, sums)
    expect([singledOut(close), homogeneous(close, sums), provenChanges(close, [['red', 'amber']])]).toEqual([
      [],
      [],
      [],
    ])
  })

  test('in sums that do not add up, as the parts are of other people', () => {
    const wrong = boundsFrom({ all: exact(5), red: exact(10), amber: boundsOf('[c]'), green: boundsOf('[c]') })
    expect(singledOut(closeBounds(wrong, [{ total: 'all', parts: ['red', 'amber', 'green'] }]))).toEqual([])
  })
})

test('on published output of a demo the intruder can do nothing, on the pseudonymised store something', async () => {
  const { home } = await servedDemo(120)
  const script = join(projectRoot, 'tests/intruder/run.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, home], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const rows = stdout.trim().split('\n').slice(1)
  expect(rows.filter((row) => /\bpublished\b.* nothing$/.test(row))).toHaveLength(4)
  const singled = rows.find((row) => row.startsWith('singling out')) ?? ''
  expect(Number(singled.trim().split(/\s+/).at(-1))).toBeGreaterThan(0)
  const linked = rows.find((row) => row.startsWith('newspaper story linked to one')) ?? ''
  expect(Number(linked.trim().split(/\s+/).at(-1))).toBeGreaterThan(0)
  expect(status).toBe(0)
})
