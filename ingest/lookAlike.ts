/** Letters of other alphabets that look like Latin ones (from Unicode's confusables, those that keyboards give). */
const alphabets = [
  ['АВЕЅІЈКМНОРСТУХԚԜавеѕіјкмнорстухһԁԛԝѵ', 'ABESIJKMHOPCTYXQWabesijkmhopctyxhdqwv'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ', 'ABEZHIKMNOPTYXaikvoptux'],
  ['ıɑɡℓ', 'iagl'],
] as const

const latin = new Map<string, string>(
  alphabets.flatMap(([others, ours]) =>
    Array.from(others, (letter, index) => [letter, ours[index] ?? letter] as const),
  ),
)

/**
 * What a reader sees of a name: invisible characters gone, letters of other alphabets as the Latin ones that they look
 * like, every dash a hyphen. Two names with one appearance are taken for each other (IN-04).
 */
export function appearanceOf(name: string): string {
  const visible = name.normalize('NFKC').replaceAll(/[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '')
  return Array.from(visible, (letter) => latin.get(letter) ?? letter)
    .join('')
    .toLowerCase()
    .replaceAll(/\p{Pd}/gu, '-')
    .replaceAll(/[‘’`´]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
}
