import type { DuckDBConnection } from '@duckdb/node-api'
import type { Column } from './matchColumns.ts'
import { profileColumn } from './profileColumn.ts'
import type { Source } from './readSources.ts'

/** Columns that belong to each other by their numbers: `Service 1`, `Status 1`, `Service 2`, `Status 2`. */
export interface Cluster {
  readonly numbers: readonly number[]
  readonly columns: readonly Column[]
}

export interface Columns {
  readonly single: readonly Column[]
  readonly clusters: readonly Cluster[]
  readonly doubled: readonly string[]
}

interface Group {
  readonly name: string
  readonly numbers: readonly number[]
  readonly positions: readonly number[]
}

/** Looks at every column of a source; numbered ones are taken together. */
export async function readColumns(connection: DuckDBConnection, source: Source, isWorkbook: boolean): Promise<Columns> {
  const doubled = source.names.filter((name, index) => name !== '' && source.names.indexOf(name) !== index)
  const positions = source.names.flatMap((name, index) => (name === '' || doubled.includes(name) ? [] : [index]))
  const groups = source.each === null ? groupsOf(source, positions) : []
  const grouped = new Set(groups.flatMap((group) => group.positions))
  const look = async (group: Group): Promise<Column> => {
    const cells = group.positions.map((position) => `v${position + 1}`)
    return {
      name: group.name,
      position: group.positions[0] ?? 0,
      cells,
      numbers: group.numbers,
      isList: source.lists.includes(group.name),
      profile: await profileColumn(connection, source.rows, cells, isWorkbook),
    }
  }
  const single: Column[] = []
  for (const position of positions.filter((index) => !grouped.has(index)))
    single.push(await look({ name: source.names[position] ?? '', numbers: [], positions: [position] }))
  const clusters: Cluster[] = []
  for (const cluster of clustersOf(groups)) {
    const columns: Column[] = []
    for (const group of cluster) columns.push(await look(group))
    clusters.push({ numbers: cluster[0]?.numbers ?? [], columns })
  }
  return { single, clusters, doubled: [...new Set(doubled)] }
}

/** Headings that differ only in one number of at most two digits. */
function groupsOf(source: Source, positions: readonly number[]): readonly Group[] {
  const found = new Map<string, Map<number, number>>()
  for (const position of positions) {
    const [, before = '', number = '', after = ''] =
      /^(.*?)(?<!\d)(\d{1,2})(?!\d)(.*)$/.exec(source.names[position] ?? '') ?? []
    if (number === '' || number !== String(Number(number))) continue
    const name = `${before}{n}${after}`
    found.set(name, (found.get(name) ?? new Map<number, number>()).set(Number(number), position))
  }
  return [...found]
    .filter(([, members]) => members.size > 1)
    .map(([name, members]) => ({ name, numbers: [...members.keys()], positions: [...members.values()] }))
    .sort((a, b) => (a.positions[0] ?? 0) - (b.positions[0] ?? 0))
}

/** Groups of the same numbers whose columns stand between each other's are about the same things. */
function clustersOf(groups: readonly Group[]): readonly (readonly Group[])[] {
  const clusters: Group[][] = []
  for (const group of groups) {
    const last = clusters.at(-1)
    const [first] = last ?? []
    const isTogether =
      first !== undefined &&
      first.numbers.join() === group.numbers.join() &&
      (group.positions[0] ?? 0) < (first.positions.at(-1) ?? 0)
    if (last && isTogether) last.push(group)
    else clusters.push([group])
  }
  return clusters
}
