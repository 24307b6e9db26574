/** Why a phrase in a note does not hold now for the person the note is about (domain.md 6a, classifier rules). */
export const cueNames = ['negation', 'history', 'other', 'hypothesis'] as const
export type Cue = (typeof cueNames)[number]

export interface CueRule {
  readonly name: Cue
  /** The words that give the cue, as a pattern of RE2 and JavaScript over lower-case text. */
  readonly words: string
  /** What the cue reaches: taken out of the text before phrases are looked for. */
  readonly reach: string
}

const negationWords =
  "\\b(?:no|not|nil|never|none|without|nobody|denies|denied|denying|neither|nor|cannot|isn't|wasn't|hasn't|haven't|didn't|doesn't|don't|won't|wouldn't|can't|couldn't|ruled out|free of)\\b"
const historyWords =
  '\\b(?:previously|formerly|historically|historical|history of|in the past|used to|years ago|months ago|last year|as a child|as a teenager|growing up|aged \\d+|at the age of|when (?:he|she|they) (?:was|were)|in (?:19|20)\\d\\d|before the move)\\b'
const otherWords =
  "\\b(?:sister|brother|sibling|mother|father|mum|dad|parent|parents|stepdad|stepmum|uncle|aunt|aunty|cousin|nan|gran|grandad|grandmother|grandfather|housemate|housemates|flatmate|flatmates|neighbour|neighbours|co-tenant|co-tenants|boyfriend|girlfriend|in the next (?:flat|room|house)|another (?:resident|patient|pupil|tenant|person|lad|girl|boy|client|young person)|other (?:resident|patient|pupil|tenant|people|lad|girl|boy|client)s?)(?:'s|s')?\\b"
const hypothesisWords =
  '\\b(?:if|unless|in case|would|could|might|may|should (?:he|she|they|it|this)|worried that|worry that|fear of|fears that|afraid that|were to|in the event)\\b'

/** Up to the end of the clause; a comma does not end it, as lists have commas, but these words do. */
const forward = '[^.;!?\\n]*?(?:\\b(?:but|however|although|though|yet|except|now|since then)\\b|[.;!?\\n]|$)'
const toComma = '[^.,;!?\\n]*?(?:\\b(?:but|however|although|though|yet|except|and (?:he|she|they))\\b|[.,;!?\\n]|$)'

/** In this order: each is taken out of what the one before left. */
export const cueRules: readonly CueRule[] = [
  { name: 'history', words: historyWords, reach: `[^.;!?\\n]*${historyWords}${forward}` },
  { name: 'hypothesis', words: hypothesisWords, reach: `${hypothesisWords}${forward}` },
  { name: 'other', words: otherWords, reach: `${otherWords}${toComma}` },
  { name: 'negation', words: negationWords, reach: `${negationWords}${toComma}` },
]

export function isCue(text: string): text is Cue {
  return cueNames.some((name) => name === text)
}
