// What an intruder reads out of a release: its cells, what adds up, and which months follow each other.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { boundsOf } from './attacks.mjs'

/** Columns of a cube along which its cells add up to the value `all`: each person is in one of them only. */
const additive = { rating: 'all', place: 'all' }

export function readRelease(folder) {
  const bounds = new Map()
  const groups = new Map()
  const series = new Map()
  const members = new Map()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.csv'))) {
    const cube = basename(file, '.csv')
    const [head, ...lines] = readFileSync(join(folder, file), 'utf8').trim().split(/\r?\n/)
    const columns = head.split(',')
    for (const line of lines) {
      const row = Object.fromEntries(line.split(',').map((value, index) => [columns[index], value]))
      if (row.value !== '[c]' && !/^\d+$/.test(row.value)) continue
      const dimensions = columns.filter((column) => column !== 'value' && column !== 'place_kind')
      const nameWith = (changed) => `${cube}|${dimensions.map((column) => changed[column] ?? row[column]).join('|')}`
      const name = nameWith({})
      bounds.set(name, boundsOf(row.value))
      members.set(name, { place: row.place, month: row.month?.slice(0, 7) })
      for (const [column, all] of Object.entries(additive)) {
        if (!dimensions.includes(column) || row[column] === all) continue
        const kind = column === 'place' ? row.place_kind : ''
        const total = nameWith({ [column]: all })
        const known = groups.get(`${total}|${column}|${kind}`) ?? { total, parts: [] }
        known.parts.push(name)
        groups.set(`${total}|${column}|${kind}`, known)
      }
      if (row.month) {
        const months = series.get(nameWith({ month: '' })) ?? []
        months.push([row.month, name])
        series.set(nameWith({ month: '' }), months)
      }
    }
  }
  const steps = [...series.values()].flatMap((months) => {
    const names = months.sort(([one], [other]) => one.localeCompare(other)).map(([, name]) => name)
    return names.slice(1).map((name, index) => [names[index], name])
  })
  return { bounds, sums: [...groups.values()], steps, members }
}
