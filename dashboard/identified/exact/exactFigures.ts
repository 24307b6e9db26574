import type { Response } from 'express'
import { figureLabels } from '../../../register/figureLabels.ts'
import { record, sessionOf, type Restricted } from '../../access/restricted.ts'
import { makeFigures, type Figures, type FiguresSource } from '../../figures.ts'
import { readMeasures } from './readMeasures.ts'

/**
 * Exact figures of the visitor's own places, for the same pages as the published ones. The whole register is a place of
 * its own only for whoever has every ICB: for anybody else it would tell the other ICBs' numbers by subtraction.
 * @param icbs ODS codes of the deployment's ICBs
 */
export function exactFigures(restricted: Restricted, icbs: readonly string[]): FiguresSource {
  const kept = new Map<string, Figures>()
  let keptVersion = ''
  return {
    current: (_request, response) => figuresFor(response),
  }

  async function figuresFor(response: Response): Promise<Figures | null> {
    const own = sessionOf(response)?.visitor.places.filter((place) => icbs.includes(place)) ?? []
    const places = own.length === icbs.length ? ['all', ...own] : own
    return restricted.versions.read(async (data) => {
      record(restricted, response, { action: 'exact', outcome: 'allowed', dataVersion: data.id })
      if (places.length === 0) return null
      if (keptVersion !== data.id) kept.clear()
      keptVersion = data.id
      // With the version, for one that was being read when a new one came is kept after the old ones were cleared.
      const key = [data.id, ...places].join(' ')
      const labels = figureLabels(icbs)
      const figures =
        kept.get(key) ??
        makeFigures({
          id: data.id,
          asOf: data.asOf,
          isExact: true,
          places: places.map((code) => ({ code, label: labels['places']?.[code] ?? code })),
          labels,
          rows: await readMeasures(data, places),
        })
      kept.set(key, figures)
      return figures
    })
  }
}
