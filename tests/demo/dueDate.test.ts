import { describe, expect, test } from 'vitest'
import { dueDate, ratingOn, type ReviewHistory } from '../../demo/dueDate.ts'
import { dayOf, isoDay } from '../../demo/world/days.ts'

/** Worked by hand from the paragraph "Overdue, once" of the design; intervals red 7, amber 14, green 90, blue 28 days. */
const cases: readonly {
  readonly name: string
  readonly history: History
  readonly due: string
  readonly because: string
}[] = [
  {
    name: 'a green review is due again after 90 days',
    history: { reviews: ['2026-08-01'], ratings: ['green 2026-01-10'] },
    due: '2026-10-30',
    because: 'last_review',
  },
  {
    name: 'a person never reviewed is due an interval after acceptance',
    history: { ratings: ['amber 2026-01-10'] },
    due: '2026-01-24',
    because: 'never_reviewed',
  },
  {
    name: 'a rating set on the day of the review counts from that day',
    history: { reviews: ['2026-08-01'], ratings: ['green 2026-01-10', 'red 2026-08-01'] },
    due: '2026-08-08',
    because: 'last_review',
  },
  {
    name: 'a tighter rating brings the date forward',
    history: { reviews: ['2026-08-01'], ratings: ['green 2026-01-10', 'amber 2026-08-20'] },
    due: '2026-09-03',
    because: 'rating_tightened',
  },
  {
    name: 'a tighter rating near the end changes nothing',
    history: { reviews: ['2026-08-01'], ratings: ['green 2026-01-10', 'amber 2026-10-25'] },
    due: '2026-10-30',
    because: 'last_review',
  },
  {
    name: 'a looser rating waits for the next review',
    history: { reviews: ['2026-08-01'], ratings: ['red 2026-01-10', 'green 2026-08-03'] },
    due: '2026-08-08',
    because: 'last_review',
  },
  {
    name: 'of two tighter ratings the earlier date stands',
    history: { reviews: ['2026-08-01'], ratings: ['green 2026-01-10', 'red 2026-08-10', 'amber 2026-08-12'] },
    due: '2026-08-17',
    because: 'rating_tightened',
  },
  {
    name: 'an admission starts a clock of 28 days',
    history: { reviews: ['2026-08-01'], ratings: ['red 2026-01-10', 'blue 2026-08-05'], stays: [['2026-08-05', null]] },
    due: '2026-09-02',
    because: 'admission',
  },
  {
    name: 'a review in hospital is due again after 28 days',
    history: { reviews: ['2026-08-20'], ratings: ['red 2026-01-10', 'blue 2026-08-05'], stays: [['2026-08-05', null]] },
    due: '2026-09-17',
    because: 'last_review',
  },
  {
    name: 'a discharge is due by the rating recorded then',
    history: {
      reviews: ['2026-08-20'],
      ratings: ['blue 2026-08-05', 'amber 2026-09-10'],
      stays: [['2026-08-05', '2026-09-10']],
    },
    due: '2026-09-24',
    because: 'discharge',
  },
  {
    name: 'a discharge without a rating counts as red',
    history: { reviews: ['2026-08-20'], ratings: ['blue 2026-08-05'], stays: [['2026-08-05', '2026-09-10']] },
    due: '2026-09-17',
    because: 'discharge',
  },
]

describe('when the next review is due', () => {
  test.each(cases)('$name', ({ history, due, because }) => {
    const found = dueDate(parse(history))
    expect({ due: found && isoDay(found.dueOn), because: found?.because }).toEqual({ due, because })
  })

  test('without any rating nothing can be said', () => {
    expect(dueDate(parse({ ratings: [] }))).toBeNull()
  })

  test('a person in hospital is blue whatever was recorded', () => {
    expect(ratingOn(parse({ ratings: ['green 2026-01-10'], stays: [['2026-08-05', null]] }), dayOf('2026-08-06'))).toBe(
      'blue',
    )
  })
})

interface History {
  readonly reviews?: readonly string[]
  readonly ratings: readonly string[]
  readonly stays?: readonly (readonly [string, string | null])[]
}

function parse({ reviews = [], ratings, stays = [] }: History): ReviewHistory {
  return {
    acceptedOn: dayOf('2026-01-10'),
    reviews: reviews.map(dayOf),
    ratings: ratings.map((text) => {
      const [rating, from] = text.split(' ')
      return { rating: rating as 'red', from: dayOf(from ?? '') }
    }),
    stays: stays.map(([admitted, discharged]) => ({
      admitted: dayOf(admitted),
      discharged: discharged === null ? null : dayOf(discharged),
    })),
  }
}
