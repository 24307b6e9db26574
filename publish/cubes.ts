import type { CubeName } from '../register/release.ts'

export interface Dimension {
  readonly column: string
  /** Code list of the column; null for months. */
  readonly list: string | null
  readonly meaning: string
}

/** One published table: what it counts, by what, and the model of schema `published` that holds its cells. */
export interface Cube {
  readonly name: CubeName
  readonly model: string
  readonly title: string
  readonly definition: string
  readonly unit: string
  /** In this order the rows are sorted and written: a total order, so that the same cells give the same bytes. */
  readonly dimensions: readonly Dimension[]
}

const month: Dimension = { column: 'month', list: null, meaning: 'First day of the month; figures stand for its end.' }
const placeKind: Dimension = { column: 'place_kind', list: 'place_kinds', meaning: 'Whole register or one ICB.' }
const place: Dimension = { column: 'place', list: 'places', meaning: 'ODS code of the responsible ICB, or all.' }
const rating: Dimension = { column: 'rating', list: 'ratings', meaning: 'Risk of admission, or all ratings together.' }

/** Everything that is published. A table that is not declared here is not written, whatever the warehouse holds. */
export const cubes: readonly Cube[] = [
  {
    name: 'people_by_rating_month',
    model: 'pub_people_by_rating_month',
    title: 'People on the register by rating',
    definition:
      'People with an open accepted entry at the end of the month, by the rating in force that day. Blue means in hospital.',
    unit: 'people',
    dimensions: [month, placeKind, place, rating],
  },
  {
    name: 'reviews_by_rating_month',
    model: 'pub_reviews_by_rating_month',
    title: 'Overdue reviews by rating',
    definition:
      'People on the register at the end of the month, and those of them whose next review was due before that day. ' +
      'A person never reviewed is due from the day of acceptance. Due today is not overdue.',
    unit: 'people',
    dimensions: [
      month,
      placeKind,
      place,
      rating,
      {
        column: 'measure',
        list: 'measures',
        meaning: 'People on the register, or those of them whose review is overdue.',
      },
    ],
  },
  {
    name: 'themes_by_month',
    model: 'pub_themes_by_month',
    title: 'Themes of risk',
    definition:
      'People on the register for whom a theme was current at the end of the month: named by an agency or found in a note, ' +
      'and not yet ended. One person can have several themes, so themes do not add up to people.',
    unit: 'people',
    dimensions: [
      month,
      placeKind,
      place,
      { column: 'theme_code', list: 'themes', meaning: 'What the risk comes from.' },
    ],
  },
  {
    name: 'gaps_by_service_month',
    model: 'pub_gaps_by_service_month',
    title: 'Gaps in services',
    definition:
      'People on the register with an action that needs the service and has stayed requested, waiting, refused or unavailable ' +
      'for the set number of days or longer at the end of the month. One person can wait for several services.',
    unit: 'people',
    dimensions: [
      month,
      placeKind,
      place,
      { column: 'service_code', list: 'services', meaning: 'Service that is needed.' },
    ],
  },
  {
    name: 'gaps_by_family_reason',
    model: 'pub_gaps_by_family_reason',
    title: 'Why services are missing',
    definition:
      'People with a gap at the end of the latest month, by family of services and by the reason that is recorded for it.',
    unit: 'people',
    dimensions: [
      placeKind,
      place,
      { column: 'service_family', list: 'service_families', meaning: 'Family of services.' },
      { column: 'unavailable_reason', list: 'unavailable_reasons', meaning: 'Why the service is not there.' },
    ],
  },
]
