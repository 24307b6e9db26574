/** Fifth of areas from the tenth: decile 1 or 2 is quintile 1, the most deprived. */
export function quintileOf(decile: string): string {
  return String(Math.ceil(Number(decile) / 2))
}
