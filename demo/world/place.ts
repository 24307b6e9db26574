import { readGeography, type Lsoa } from '../../register/geography/readGeography.ts'
import type { Random } from './random.ts'

/** The demo's area: four ICBs of one region. Real codes and council names, nothing else of it is real. */
export const demoIcbs = ['QOQ', 'QF7', 'QWO', 'QHM'] as const

export interface Places {
  /** An ICB by its population, then one of its small areas; deprived ones rather more often than others. */
  choose(random: Random, icb?: string): Lsoa
}

export function readPlaces(): Places {
  const { lsoas, populations } = readGeography()
  const byIcb = new Map<string, Lsoa[]>(demoIcbs.map((icb) => [icb, []]))
  for (const lsoa of lsoas) byIcb.get(lsoa.icbOds)?.push(lsoa)
  const weights = demoIcbs.map((icb) => {
    const population = populations.find(({ icbOds, ageGroup }) => icbOds === icb && ageGroup === 'all')
    return [icb, population?.people ?? 1] as const
  })
  return {
    choose(random, icb) {
      const areas = byIcb.get(icb ?? random.weighted(weights)) ?? []
      const first = random.pick(areas)
      return first.quintile > '2' && random.chance(0.25) ? random.pick(areas) : first
    },
  }
}
