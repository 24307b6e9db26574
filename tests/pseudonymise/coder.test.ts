import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeInThreads } from '../../pseudonymise/coder/codeInThreads.ts'
import { failingExamples } from '../../pseudonymise/coder/failingExamples.ts'
import { indexSequences } from '../../pseudonymise/coder/findPhrases.ts'
import { makeCoder } from '../../pseudonymise/coder/makeCoder.ts'
import { readPhrase } from '../../pseudonymise/coder/phrases.ts'
import { readLexicon } from '../../pseudonymise/coder/readLexicon.ts'
import { readTokens } from '../../pseudonymise/coder/readTokens.ts'
import { makeJudge, readWeights } from '../../pseudonymise/coder/weights.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { readCodes } from '../../register/readCodes.ts'

const lexicon = readLexicon()
const code = makeCoder(lexicon)
const themesOf = (note: string): readonly string[] =>
  code(note)
    .filter(({ kind }) => kind === 'theme')
    .map((finding) => finding.code)

describe('the lexicon', () => {
  test('each row gives its code in its own example, and each mask hides what its example says', () => {
    expect(failingExamples(lexicon)).toEqual([])
  })

  test('every theme and strategy but the rest classes has phrases', () => {
    const codes = new Set(lexicon.rows.map((row) => row.code))
    const all = [...readCodes('themes'), ...readCodes('strategies')].map((row) => row.code)
    expect(all.filter((one) => !codes.has(one) && !one.endsWith('99'))).toEqual([])
  })

  test('a phrase that cannot be read is refused by its own words', () => {
    expect(() => readPhrase('hits (staff', new Map())).toThrow('hits (staff')
    expect(() => readPhrase('{nobody} left', new Map())).toThrow('the class nobody')
    expect(() => readPhrase('(a)? ..', new Map())).toThrow('without a word that must be there')
  })
})

describe('a phrase', () => {
  const matches = (phrase: string, note: string): boolean => {
    const { alternatives } = readPhrase(phrase, new Map([['he', 'he|she|the lad']]))
    const sequences = alternatives.flat().map((part) => part.sequence)
    return indexSequences(sequences)(readTokens(note, lexicon.spellings)).size > 0
  }

  test.each([
    ['self harm*', 'Self-harmed again', true],
    ['self harm*', 'harm to self', false],
    ['{he} (hit|slapped) (a)? door', 'The lad slapped door', true],
    ['notice .. flat', 'notice on her new flat', true],
    ['notice .. flat', 'notice on her very new little flat', false],
    ['notice .. flat', 'Given notice. Flat is fine.', false],
    ['waiting # weeks', 'waiting 3/52 for a slot', true],
    ['waiting # (weeks)?', 'still waiting two', true],
    ['did not go .. (school)?', 'She did not go', true],
    ['dont know', 'I don’t know', true],
    ['ae', 'in A&E again', true],
    ['cafe', 'at the café', true],
  ])('%s: %s is %s', (phrase, note, expected) => {
    expect(matches(phrase, note)).toBe(expected)
  })
})

describe('what does not hold now for this person is not coded (domain.md 6a)', () => {
  test.each([
    ['denied', 'No self-harm since March.', []],
    ['denied', 'Denies any suicidal thoughts.', []],
    ['denied in a list', 'No self-harm, overdose or fire-setting.', []],
    ['denied after', 'Self-harm: nil.', []],
    ['denied, then affirmed', 'No self-harm but he hit staff on Friday.', ['T04']],
    ['over', 'Aged 12 she ran away from home.', []],
    ['over', 'He used to smoke cannabis. Low mood now.', ['T01']],
    ['another person', "His sister's overdose upset everyone.", []],
    ['another person', 'Another resident assaulted the cook.', []],
    ['only feared', 'If he runs away again we will meet.', []],
    ['only feared', 'Would become homeless if the placement breaks down.', []],
    ['a phrase that says no itself', 'He is not eating.', ['T20']],
    ['a family that cannot go on', 'Mum is exhausted and cannot cope.', ['T09']],
    ['an admission however long ago', 'Previously admitted to hospital under section 3 in 2019.', ['T16']],
    ['nothing', 'A good month.', []],
  ])('%s: %s', (_, note, codes) => {
    expect(themesOf(note)).toEqual(codes)
  })

  test('a strategy has the outcome that the note says beside it, else that it is not known', () => {
    const outcomes = (note: string): readonly (readonly [string, string | null])[] =>
      code(note)
        .filter(({ kind }) => kind === 'strategy')
        .map((finding) => [finding.code, finding.outcome] as const)
    expect(outcomes('Weighted blanket tried, no difference.')).toEqual([['P04', 'no']])
    expect(outcomes('PBS plan in place.')).toEqual([['P01', 'unknown']])
  })
})

describe('with the weights beside the lexicon', () => {
  const weigh = makeCoder(lexicon, { judge: makeJudge(readWeights()) })

  test('a code that no row of the lexicon finds has the sentence that says it best as its evidence', () => {
    const notes = readFileSync(join(projectRoot, 'tests/fixtures/notes/train.jsonl'), 'utf8').trim().split('\n')
    const found = notes.flatMap((line) => {
      const { text } = JSON.parse(line) as { readonly text: string }
      return weigh(text).flatMap((finding) => (finding.row ? [] : [text.slice(finding.from, finding.to)]))
    })
    expect(found.length).toBeGreaterThan(20)
    expect(found.filter((words) => words.trim() === '')).toEqual([])
  })

  test('a short entry is the lexicon’s alone', () => {
    const note = 'PBS plan and respite'
    expect(weigh(note)).toEqual(code(note))
    expect(code(note).map((finding) => finding.code)).toEqual(['P01', 'P09'])
  })

  test('every feature weighs codes that are judged, and a note of unknown words is given nothing', () => {
    const { features, judged } = readWeights()
    expect(judged).toHaveLength(50)
    expect([...features.values()].filter(({ codes, weights }) => codes.length !== weights.length)).toEqual([])
    expect(weigh('Zqx wvk pgh. '.repeat(5))).toEqual([])
    expect(weigh('')).toEqual([])
  })
})

describe('on the labelled notes', () => {
  const bench = join(projectRoot, 'tests/bench/themes/score.mjs')
  const run = (...options: readonly string[]): string =>
    spawnSync(process.execPath, [bench, ...options], { encoding: 'utf8' }).stdout

  test('the coder is no less right on notes that it was not made from than it was', () => {
    const { test: scores } = JSON.parse(run('--json', '--part', 'test')) as {
      readonly test: {
        readonly theme: { readonly precision: number; readonly f1: number }
        readonly traps: { readonly set: number; readonly taken: number }
      }
    }
    // What it is now, less a little; the goal is precision 0.85, F1 0.70 and fewer than one trap in ten.
    expect(scores.theme.precision).toBeGreaterThanOrEqual(0.7)
    expect(scores.theme.f1).toBeGreaterThanOrEqual(0.69)
    expect(scores.traps.taken / scores.traps.set).toBeLessThan(0.21)
  })

  test('what the method page says of it is what is measured', () => {
    const lines = run('--part', 'test', '--csv')
    expect(readFileSync(join(projectRoot, 'register/coder_quality.csv'), 'utf8')).toBe(lines)
  })
})

test('many notes coded by every processor give what one by one gives, in their order', async () => {
  const notes = Array.from({ length: 300 }, (_, index) => ({ text: `Low mood in week ${index}. Hit staff.`, index }))
  async function* batches(): AsyncGenerator<typeof notes> {
    for (let from = 0; from < notes.length; from += 50) yield notes.slice(from, from + 50)
  }
  const found = new Map<number, readonly string[]>()
  await codeInThreads(batches(), (batch, findings) => {
    batch.forEach(({ index }, at) => found.set(index, findings[at]?.map((finding) => finding.code) ?? []))
  })
  const whole = makeCoder(lexicon, { judge: makeJudge(readWeights()) })
  expect(notes.map(({ index }) => found.get(index))).toEqual(
    notes.map(({ text }) => whole(text).map((finding) => finding.code)),
  )
})
