const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const month =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'

type Part = 'year' | 'month' | 'day'

/** Each way of writing a day, with the order of its parts. Day before month, as in this country, except where words tell. */
const forms: readonly (readonly [RegExp, readonly [Part, Part, Part]])[] = [
  // 2008-03-14, 2008/3/14, and with a time behind it
  [/(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/g, ['year', 'month', 'day']],
  // 14/03/2008, 14.03.2008, 14-3-2008
  [/(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)/g, ['day', 'month', 'year']],
  // 14/03/08; with dots it would be a version number
  [/(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{2})(?![\d/])/g, ['day', 'month', 'year']],
  // 14 March 2008, 14th of Mar 2008, 14-Mar-2008
  [
    new RegExp(`(?<!\\d)(\\d{1,2})(?:st|nd|rd|th)?[\\s-]+(?:of\\s+)?${month}[.,]?[\\s-]+(\\d{4})(?!\\d)`, 'gi'),
    ['day', 'month', 'year'],
  ],
  // March 14, 2008
  [
    new RegExp(`(?<![a-z])${month}\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})(?!\\d)`, 'gi'),
    ['month', 'day', 'year'],
  ],
  // 20080314, but no part of a longer number or of a fraction
  [/(?<![\d.])((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)(?!\d|\.\d)/g, ['year', 'month', 'day']],
]

/** Every day that a text names, in whatever form, as 2008-03-14 and in the order of the forms; a short year gives both centuries. */
export function datesIn(text: string): string[] {
  return forms.flatMap(([pattern, order]) =>
    [...text.matchAll(pattern)].flatMap(([, ...found]) => {
      const part = (name: Part): string => found[order.indexOf(name)] ?? ''
      const number = /^\d/.test(part('month')) ? Number(part('month')) : monthNumber(part('month'))
      const years = part('year').length === 2 ? [`19${part('year')}`, `20${part('year')}`] : [part('year')]
      const rest = [number, Number(part('day'))].map((value) => String(value).padStart(2, '0')).join('-')
      return years.map((year) => `${year}-${rest}`)
    }),
  )
}

function monthNumber(word: string): number {
  return months.indexOf(word.slice(0, 3).toLowerCase()) + 1
}
