import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../register/projectRoot.ts'
import { parseCsv, readCodes } from '../../register/readCodes.ts'
import { readPhrase, type Classes, type Phrase } from './phrases.ts'
import type { Spellings } from './readTokens.ts'

/** Raised whenever lexicon, cues or weights change what is found; stands beside each code that was found in a text. */
export const coderVersion = 3

/** Why a phrase in a note does not hold now for the person the note is about (domain.md 6a, classifier rules). */
export const cueNames = ['negation', 'history', 'other', 'hypothesis'] as const
export type CueName = (typeof cueNames)[number]

/**
 * How far a cue reaches: `forward` to the end of the clause, `list` over commas too, to the end of the sentence; `back` to
 * the beginning of the clause; `clause`, `sentence` the whole one. An `end` (but, now, again) stops each of them.
 */
export const reaches = ['forward', 'list', 'back', 'clause', 'sentence'] as const
export type Reach = (typeof reaches)[number]

export interface LexiconRow {
  readonly kind: 'theme' | 'strategy'
  readonly code: string
  readonly phrase: Phrase
  /** The words of a mask are taken out before the other phrases of its code are looked for. */
  readonly isMask: boolean
  readonly cancelledBy: readonly CueName[]
  /** A sentence that gives the code (or, for a mask, does not); a test codes it. */
  readonly example: string
}

export interface CueRow {
  readonly cue: CueName | 'end'
  readonly phrase: Phrase
  readonly reach: Reach
  readonly example: string
}

export interface OutcomeRow {
  /** A code of the list strategy_outcomes. */
  readonly outcome: string
  readonly phrase: Phrase
  readonly example: string
}

export interface Lexicon {
  readonly rows: readonly LexiconRow[]
  readonly cues: readonly CueRow[]
  readonly outcomes: readonly OutcomeRow[]
  readonly spellings: Spellings
}

export const lexiconFolder = join(projectRoot, 'pseudonymise/coder/lexicon')

/**
 * Reads the lexicon's tables: one file a code (phrase, despite, example), and classes, spellings, cues and outcomes.
 * @throws Error that names file and row for what cannot be read
 */
export function readLexicon(folder: string = lexiconFolder): Lexicon {
  const read = <T>(name: string, make: (cells: readonly string[]) => T): readonly T[] => readTable(folder, name, make)
  const classes: Classes = new Map(read('classes', ([name = '', words = '']) => [name, words] as const))
  const spellings = new Map(read('spellings', ([wrong = '', right = '']) => [wrong, right.split(' ')] as const))
  const cues = read('cues', ([cue = '', phrase = '', reach = '', example = '']) => ({
    cue: oneOf([...cueNames, 'end'] as const, cue),
    phrase: readPhrase(phrase, classes, spellings),
    reach: cue === 'end' ? 'clause' : oneOf(reaches, reach),
    example,
  }))
  const outcomeCodes = readCodes('strategy_outcomes').map(({ code }) => code)
  const outcomes = read('outcomes', ([outcome = '', phrase = '', example = '']) => ({
    outcome: oneOf(outcomeCodes, outcome),
    phrase: readPhrase(phrase, classes, spellings),
    example,
  }))
  const rowsOf = (kind: LexiconRow['kind'], list: string): readonly LexiconRow[] =>
    readCodes(list)
      .map(({ code }) => code)
      .filter((code) => readdirSync(folder).includes(`${code}.csv`))
      .flatMap((code) =>
        read(code, ([phrase = '', despite = '', example = '']) => {
          const words = despite.split(' ').filter(Boolean)
          const isMask = words.includes('mask')
          const spared = words.filter((word) => word !== 'mask').map((word) => oneOf(cueNames, word))
          return {
            kind,
            code,
            phrase: readPhrase(phrase, classes, spellings),
            isMask,
            cancelledBy: isMask ? [] : cueNames.filter((cue) => !spared.includes(cue)),
            example,
          }
        }),
      )
  return { rows: [...rowsOf('theme', 'themes'), ...rowsOf('strategy', 'strategies')], cues, outcomes, spellings }
}

function readTable<T>(folder: string, name: string, make: (cells: readonly string[]) => T): readonly T[] {
  const [, ...rows] = parseCsv(readFileSync(join(folder, `${name}.csv`), 'utf8'))
  return rows.map((cells, index) => {
    try {
      return make(cells)
    } catch (error) {
      throw new Error(`${name}.csv, row ${index + 2}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  })
}

function oneOf<T extends string>(names: readonly T[], text: string): T {
  const found = names.find((name) => name === text)
  if (found === undefined) throw new Error(`"${text}" is none of ${names.join(', ')}`)
  return found
}
