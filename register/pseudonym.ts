/** `p1_` and 32 hexadecimal digits, from the NHS number; `p1x_` and 32 where there is none (design.md 6). */
export type Pseudonym = string & { readonly is: 'Pseudonym' }

/** The same as a regular expression of RE2 and of JavaScript, anchored at both ends. */
export const pseudonymPattern = '^p[1-9][0-9]*x?_[0-9a-f]{32}$'

export function isPseudonym(text: string): text is Pseudonym {
  return new RegExp(pseudonymPattern).test(text)
}
