import type { Day } from './world/days.ts'

export type Rating = 'red' | 'amber' | 'green' | 'blue'

/** Days between reviews: the defaults of the settings. No national table exists (domain.md 2.3). */
export const intervalDays: Readonly<Record<Rating, number>> = { red: 7, amber: 14, green: 90, blue: 28 }

export interface ReviewHistory {
  /** Day of acceptance, or of referral where that is not known. */
  readonly acceptedOn: Day
  /** Days of DSR reviews held. */
  readonly reviews: readonly Day[]
  readonly ratings: readonly { readonly rating: Rating; readonly from: Day }[]
  readonly stays: readonly { readonly admitted: Day; readonly discharged: Day | null }[]
}

export interface Due {
  readonly dueOn: Day
  readonly because: 'last_review' | 'never_reviewed' | 'rating_tightened' | 'admission' | 'discharge'
  /** The day it is counted from and the rating whose interval counts. */
  readonly from: Day
  readonly rating: Rating
  readonly neverReviewed: boolean
}

/**
 * When the next review is due, by the paragraph "Overdue, once" of the design: an answer of its own, written without
 * the SQL that it is compared with.
 *
 * The clock starts at the last of: review held, admission, discharge; without any, at acceptance. It runs for the
 * interval of the rating in force that day. A later change to a rating with a shorter interval brings the date forward
 * and never back. Null when no rating says how long the interval is.
 */
export function dueDate(history: ReviewHistory): Due | null {
  const starts: { day: Day; because: Due['because'] }[] = [
    ...history.reviews.map((day) => ({ day, because: 'last_review' as const })),
    ...history.stays.map((stay) => ({ day: stay.admitted, because: 'admission' as const })),
    ...history.stays.flatMap(({ discharged }) =>
      discharged === null ? [] : { day: discharged, because: 'discharge' as const },
    ),
  ]
  const neverReviewed = history.reviews.length === 0
  if (neverReviewed) starts.push({ day: history.acceptedOn, because: 'never_reviewed' })
  const start = starts.reduce((last, next) => (next.day > last.day ? next : last))
  const rating = ratingOn(history, start.day)
  if (rating === null) return null
  let due: Due = {
    dueOn: start.day + intervalDays[rating],
    because: start.because,
    from: start.day,
    rating,
    neverReviewed,
  }
  for (const change of history.ratings) {
    // While in hospital only blue counts, and blue after discharge is a record that lags behind.
    if (change.from <= start.day || change.rating === 'blue' || ratingOn(history, change.from) === 'blue') continue
    const dueOn = change.from + intervalDays[change.rating]
    if (dueOn < due.dueOn) {
      due = { dueOn, because: 'rating_tightened', from: change.from, rating: change.rating, neverReviewed }
    }
  }
  return due
}

/**
 * The rating in force on a day: blue in hospital, else the last one recorded. Someone whose last record is still the
 * stay's blue counts as red once discharged.
 */
export function ratingOn(history: Pick<ReviewHistory, 'ratings' | 'stays'>, day: Day): Rating | null {
  if (history.stays.some(({ admitted, discharged }) => admitted <= day && (discharged === null || day < discharged)))
    return 'blue'
  let last: { rating: Rating; from: Day } | null = null
  for (const rating of history.ratings) {
    if (rating.from <= day && (last === null || rating.from >= last.from)) last = rating
  }
  if (last?.rating !== 'blue') return last?.rating ?? null
  const { from } = last
  return history.stays.some(({ discharged }) => discharged !== null && from <= discharged) ? 'red' : 'blue'
}
