import type { SmallGroups } from './smallGroups.ts'

/** One line for a person: "people: of 120 people 3 unique, 41 in groups under 5, smallest 1, by age band, sex …". */
export function sentenceOfSmallGroups({
  table,
  by,
  limit,
  people,
  unique,
  inSmallGroups,
  smallestGroup,
  variety,
}: SmallGroups): string {
  const sizes = `${count(unique)} unique, ${count(inSmallGroups)} in groups under ${limit}, smallest ${count(smallestGroup)}`
  const alike =
    variety === null || variety.groupsOfOneValue === 0
      ? ''
      : `; in ${count(variety.groupsOfOneValue)} larger groups everyone has the same ${words(variety.column)}`
  return `${table}: of ${count(people)} people ${sizes}, by ${by.map(words).join(', ')}${alike}`
}

function count(number: number): string {
  return number.toLocaleString('en-GB')
}

function words(column: string): string {
  return column
    .replace(/_(ods|gss|code)$/, '')
    .replace('utla', 'council')
    .replace(/^ld_/, 'learning_disability_')
    .replaceAll('_', ' ')
}
