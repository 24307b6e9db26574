import type { Field } from '../../register/readDictionary.ts'
import { foldWords, likeness } from './foldWords.ts'
import type { Profile, Word } from './profileColumn.ts'
import { wordsOfList } from './readVocabulary.ts'

/** The code list of a field, `yes_no` among them; null where any text may stand. */
export function listOf(field: Field): string | null {
  return field.type === 'yes_no' ? 'yes_no' : (field.codes ?? null)
}

const saysYes =
  /^(y|yes|true|1|agreed|given|obtained|consented|consent|consent given|consent obtained|signed|written|verbal)( |$)/

/** `Eligible, consent refused` is not like `eligible`. */
function denies(folded: string): boolean {
  return /\b(not|no|non|refused|declined|without|never|withdrawn|none)\b/.test(folded)
}

export interface Likely {
  /** null: no word of the list is like it. */
  readonly code: string | null
  readonly isSure: boolean
}

/** The code that a word of the agency most likely means. */
export function likelyCode(list: string, said: string): Likely {
  const words = wordsOfList(list)
  const whole = foldWords(said)
  const exact = words.get(whole)
  if (exact !== undefined) return { code: exact, isSure: true }
  // Yes says that there is consent, and only what follows says whose.
  const isYes = list === 'consent_bases' && saysYes.test(whole)
  const folded = isYes ? whole.replace(saysYes, '').trim() : whole
  const [best] = [...words]
    .map(([word, code]) => ({ code, score: likeness(folded, word) - (denies(folded) === denies(word) ? 0 : 0.3) }))
    .sort((a, b) => b.score - a.score)
  if (isYes && (!best || best.score < 0.6)) return { code: 'K01', isSure: false }
  return best && best.score >= 0.45 ? { code: best.code, isSure: false } : { code: null, isSure: false }
}

interface Coverage {
  readonly known: number
  readonly like: number
}

/** Every field of a code list asks the same of a column, so what was found is kept. */
const covered = new WeakMap<Profile, Map<string, Coverage>>()

/** The share of filled cells whose word the list knows, and of those whose word is at least like one. */
export function coverage(list: string, profile: Profile): Coverage {
  const known = covered.get(profile) ?? new Map<string, Coverage>()
  covered.set(profile, known)
  const found = known.get(list) ?? coverageOf(list, profile)
  known.set(list, found)
  return found
}

function coverageOf(list: string, profile: Profile): Coverage {
  const words = profile.words ?? []
  const total = words.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return { known: 0, like: 0 }
  const judged = words.map(({ said, count }) => ({ count, likely: likelyCode(list, said) }))
  const share = (isIt: (likely: Likely) => boolean): number =>
    judged.filter(({ likely }) => isIt(likely)).reduce((sum, { count }) => sum + count, 0) / total
  return { known: share(({ isSure }) => isSure), like: share(({ code }) => code !== null) }
}

export interface DraftCodes {
  /** Word → code, in the order to write them. */
  readonly entries: readonly { readonly said: string; readonly code: string | null; readonly doubt: string | null }[]
  /** Words that might be somebody's name or number, and were not written down. */
  readonly leftOut: number
}

/**
 * The translations of a column's words. A word that the list knows may be written into a contract; any other only where
 * it cannot be a value of one person's: short, without digits, and no name that stands in the file.
 */
export function draftCodes(list: string, words: readonly Word[], names: ReadonlySet<string>): DraftCodes {
  const entries = words.map(({ said, count }) => ({ said, count, ...likelyCode(list, said) }))
  const kept = entries.filter((entry) => entry.isSure || isHarmless(entry, names))
  return {
    entries: kept.map(({ said, code, isSure }) => ({
      said,
      code,
      doubt: isSure ? null : code === null ? 'no word of the list is like it' : 'likely',
    })),
    leftOut: entries.length - kept.length,
  }
}

function isHarmless({ said, count, code }: Word & Likely, names: ReadonlySet<string>): boolean {
  const folded = foldWords(said).split(' ')
  if (said.length > 50 || /[\d@]/.test(said) || folded.some((word) => names.has(word) || ofSomebody.has(word)))
    return false
  // What one person's row alone says in many words, and like nothing in the list, is a remark.
  return count > 1 || code !== null || folded.length <= 3
}

const ofSomebody = new Set([
  'he',
  'she',
  'his',
  'her',
  'him',
  'they',
  'their',
  'mum',
  'dad',
  'mr',
  'mrs',
  'ms',
  'miss',
  'dr',
])

/** Words that ingest understands of itself need no translation: the list's own codes, and plain yes and no. */
export function speaksOurCodes(field: Field, words: readonly Word[], codes: readonly string[]): boolean {
  if (field.type === 'yes_no') return words.every(({ said }) => /^(yes|y|true|1|no|n|false|0)$/i.test(said))
  return words.every(({ said }) => codes.includes(said))
}
