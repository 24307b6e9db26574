import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../register/projectRoot.ts'
import { parseCsv, readCodes } from '../register/readCodes.ts'
import { cueRules, isCue, type Cue } from './cues.ts'
import { phrasePattern } from './phrasePattern.ts'

/** Raised whenever lexicon or cues change what is found; stands beside each code that was found in a text. */
export const coderVersion = 1

export interface LexiconEntry {
  readonly kind: 'theme' | 'strategy'
  readonly code: string
  /** Pattern of RE2 and of JavaScript over lower-case text. */
  readonly pattern: string
  /** Cues that cancel it: all but those named in `despite` and those that the phrase itself contains. */
  readonly cancelledBy: readonly Cue[]
  /** A sentence that holds the phrase; a test codes it. */
  readonly example: string
}

/** Reads `lexicon.csv`: code, phrase (see phrasePattern), despite (cues that do not cancel it), example. */
export function readLexicon(file: string = join(projectRoot, 'pseudonymise/lexicon.csv')): readonly LexiconEntry[] {
  const themes = new Set(readCodes('themes').map((code) => code.code))
  const strategies = new Set(readCodes('strategies').map((code) => code.code))
  const [, ...rows] = parseCsv(readFileSync(file, 'utf8'))
  return rows.map(([code = '', phrase = '', despite = '', example = ''], index) => {
    if (!themes.has(code) && !strategies.has(code)) throw new Error(`lexicon.csv, row ${index + 2}: unknown code`)
    const spared = despite.split(' ').filter(isCue)
    return {
      kind: themes.has(code) ? 'theme' : 'strategy',
      code,
      pattern: phrasePattern(phrase),
      cancelledBy: cueRules.map((rule) => rule.name).filter((cue) => !spared.includes(cue) && !saysItself(phrase, cue)),
      example,
    }
  })
}

/** "not eating" says no itself: if a negation cancelled it, it would never count. */
function saysItself(phrase: string, cue: Cue): boolean {
  const words = cueRules.find((rule) => rule.name === cue)?.words ?? ''
  return new RegExp(words).test(phrase.replace(/[()|?*]/g, ' '))
}
