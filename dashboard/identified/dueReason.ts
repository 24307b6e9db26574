import type { Row } from './openVersions.ts'
import { labelOf } from './labels.ts'
import { count, dateText, number, text } from './words.ts'

/**
 * Why the next review is due when it is, in words, from the codes and dates of mart_worklist. The rule itself is there
 * and nowhere else (design.md 7, "Overdue, once").
 */
export function dueReason(row: Row): string {
  const due = dateText(row['due_on'])
  const from = dateText(row['due_from_on'])
  const rating = labelOf('ratings', row['due_rating']).toLowerCase()
  if (due === '') {
    const reviewed = row['is_never_reviewed'] === true ? 'Never reviewed; no' : 'No'
    const missing = text(row['rating']) === '' ? 'no rating is recorded' : 'neither a review nor an acceptance is dated'
    return `${reviewed} date can be worked out, because ${missing}`
  }
  switch (text(row['due_because'])) {
    case 'never_reviewed':
      return row['accepted_on']
        ? `Never reviewed since accepted on ${dateText(row['accepted_on'])}; first review due ${due}`
        : `Never reviewed since referred on ${from}; first review due ${due}`
    case 'rating_tightened':
      return `Review due ${due} because the rating was raised to ${rating} on ${from}`
    case 'admission':
      return `Review due ${due} because of the admission to hospital on ${from}`
    case 'discharge':
      return `Review due ${due} because of the discharge from hospital on ${from}, rated ${rating}`
    default:
      return `Review due ${due} because rated ${rating} at the review on ${from}`
  }
}

/** `12 days overdue`, `Due today`, `Due in 5 days`. */
export function dueText(row: Row): string {
  if (row['days_overdue'] === null || row['days_overdue'] === undefined) {
    return row['is_overdue'] === true ? 'Overdue' : 'No date'
  }
  const days = number(row['days_overdue'])
  if (days > 0) return `${count(days, 'day', 'days')} overdue`
  return days === 0 ? 'Due today' : `Due in ${count(-days, 'day', 'days')}`
}
