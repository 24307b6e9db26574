import type { Settings } from '../register/settings.ts'

/** The disclosure rule in words that a reader of the figures can check against them. */
export function ruleWords(rule: Settings['disclosure_rule']): string {
  const national =
    'Counts of 0 to 4 people are not shown: they stand as [c], whether 0 or 4. Every other count is rounded to the nearest 5. ' +
    'Numbers therefore need not add up to their totals.'
  const keyed =
    'Before that, each count is changed by at most 2 people, always in the same way for the same group, so that nobody can ' +
    'work out a small group by comparing figures.'
  return rule === 'nhs-lda-keyed' ? `${national} ${keyed}` : national
}

/** Settings that the measures depend on, as this deployment has them, in words. */
export function measureDefinitions(settings: Settings): { name: string; definition: string }[] {
  const intervals = settings.review_intervals.map(({ rating, days, age_band, place, valid_from, valid_to }) => {
    const who = [
      age_band === 'any' ? '' : age_band === 'under_18' ? 'under 18' : '18 and over',
      place === 'any' ? '' : place,
      valid_from === '1900-01-01' ? '' : `from ${valid_from}`,
      valid_to === null ? '' : `until ${valid_to}`,
    ].filter((part) => part !== '')
    return `${rating}${who.length > 0 ? ` (${who.join(', ')})` : ''} ${days} days`
  })
  return [
    {
      name: 'Days between reviews',
      definition: `A review is due this many days after the last one: ${intervals.join('; ')}. There is no national table: these are set locally.`,
    },
    {
      name: 'When a review is due',
      definition:
        'Counted from the last review held, or from acceptance if there was none, by the rating in force then. A rating made tighter ' +
        'since brings the date forward; one made looser waits for the next review. Admission and discharge start a new count.',
    },
    {
      name: 'When a need becomes a gap',
      definition: `When it has been unmet for ${settings.gap_days} days or longer at the end of a month.`,
    },
    {
      name: 'When a theme ends',
      definition: `When a review no longer names it, or after ${settings.theme_silent_days} days in which nobody has.`,
    },
    {
      name: 'Place',
      definition: 'The ICB that is responsible for the person’s care, which need not be where the person lives.',
    },
  ]
}
