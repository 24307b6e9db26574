import type { Figures } from '../figures.ts'
import type { Filter } from '../readFilters.ts'

/** Every page of figures can be had for one place. */
export function placeFilter(figures: Figures): Filter {
  return {
    name: 'place',
    label: 'Place',
    options: figures.places.map(({ code, label }) => ({ value: code, text: label })),
  }
}

/** One code of a list to bring out; `most` leaves it to the figures. */
export function chosenFilter(figures: Figures, name: string, label: string, list: string): Filter {
  return {
    name,
    label,
    options: [
      { value: 'most', text: 'The one that rose most' },
      ...figures.codes(list).map((code) => ({ value: code, text: figures.label(list, code) })),
    ],
  }
}
