import { foldWords, likeness } from './foldWords.ts'
import { coverage, listOf } from './likelyCode.ts'
import type { Profile } from './profileColumn.ts'
import { readVocabulary, type Target } from './readVocabulary.ts'

/** A column of a source, or the same column of a numbered group (`Service {n}`). */
export interface Column {
  readonly name: string
  readonly position: number
  readonly cells: readonly string[]
  readonly numbers: readonly number[]
  readonly isList: boolean
  readonly profile: Profile
}

export interface Match {
  readonly column: Column
  readonly target: Target
  readonly score: number
  /** Why somebody should look at it; null where heading and values leave no doubt. */
  readonly doubt: string | null
}

/** Below this a heading is not taken for a field at all; below `sure` it is marked. */
const enough = 0.62
const sure = 0.88

/** Fields that several columns make together. */
const gathering = new Set(['people.address_lines', 'people.other_diagnoses'])

export interface Scope {
  /** Tables that may be filled. */
  readonly tables: readonly string[]
  /** The table whose sheet, list or group this is: its own short headings are then understood. */
  readonly own: string | null
}

/** Gives each column the likeliest field, the best pair first; a field takes one column, a column one field. */
export function matchColumns(columns: readonly Column[], scope: Scope): readonly Match[] {
  const pairs = columns
    .flatMap((column) => candidatesOf(column, scope))
    .sort((a, b) => b.score - a.score || a.column.position - b.column.position)
  const taken = new Set<string>()
  const placed = new Set<Column>()
  const matches: Match[] = []
  for (const pair of pairs) {
    const { table, block, name } = pair.target
    const key = `${table}#${block}.${name}`
    if (placed.has(pair.column) || (taken.has(key) && !gathering.has(`${table}.${name}`))) continue
    placed.add(pair.column)
    taken.add(key)
    const rival = pairs.find(
      (other) => other.column === pair.column && other.target.name !== name && other.score > pair.score - 0.06,
    )
    matches.push(
      rival && pair.doubt === null && pair.score < 1
        ? { ...pair, doubt: `or is it ${rival.target.table}.${rival.target.name}?` }
        : pair,
    )
  }
  return matches
}

function candidatesOf(column: Column, scope: Scope): readonly Match[] {
  const forms = formsOf(column.name)
  const best = new Map<string, Match>()
  for (const target of readVocabulary().targets) {
    if (!scope.tables.includes(target.table)) continue
    if (target.isOwn && target.table !== scope.own) continue
    const byHeading = headingScore(forms, target)
    if (byHeading < enough / 2 && !speaksForItself(target)) continue
    const fit = fitOf(target, column.profile, byHeading)
    const isForeign = scope.own !== null && scope.own !== target.table && target.name !== 'local_id'
    const score = fit.score - (isForeign ? 0.12 : 0) + (scope.own === target.table ? 0.005 : 0)
    if (score < enough) continue
    const doubt = fit.doubt ?? (score < sure ? 'guessed from its heading' : null)
    const key = `${target.table}#${target.block}.${target.name}`
    if (score > (best.get(key)?.score ?? 0)) best.set(key, { column, target, score, doubt })
  }
  return [...best.values()]
}

/** Fields whose values are recognised under any heading. */
function speaksForItself({ field, table, name }: Target): boolean {
  return ['nhs_number', 'postcode', 'lsoa'].includes(field.type) || (table === 'ratings' && name === 'rating')
}

/** A heading, or the ends of a JSON path: `child.home.postcode` is also `home postcode` and `postcode`. */
function formsOf(name: string): readonly string[] {
  const parts = name.split('.')
  const plain = foldWords(name.replaceAll('{n}', ' ').replace(/\(.*?\)/g, ' '))
  const whole = foldWords(name.replaceAll('{n}', ' '))
  return [...new Set([whole, plain, ...parts.map((_, index) => foldWords(parts.slice(index).join(' ')))])].filter(
    (form) => form !== '',
  )
}

function headingScore(forms: readonly string[], target: Target): number {
  // A longer end of a path says more than a shorter one, so what only the shorter one says counts a little less.
  return Math.max(
    0,
    ...forms.flatMap((form, index) =>
      target.headings.map(
        (heading) => likeness(form, heading) - (index > 0 && index < forms.length - 1 ? 0 : index > 0 ? 0.01 : 0),
      ),
    ),
  )
}

interface Fit {
  readonly score: number
  readonly doubt: string | null
}

const unfit: Fit = { score: 0, doubt: null }

/** Whether the values are such as the field takes; some values say what they are whatever stands above them. */
function fitOf({ name, table, block, field }: Target, profile: Profile, byHeading: number): Fit {
  const plain: Fit = { score: byHeading, doubt: null }
  const { shares } = profile
  if (profile.filled === 0) return { score: byHeading, doubt: byHeading < 1 ? 'empty in this file' : null }
  switch (field.type) {
    case 'date':
      return profile.dateForm === null ? unfit : plain
    case 'nhs_number':
      if (shares.nhs >= 0.6) return { score: Math.max(byHeading, 0.95), doubt: null }
      return shares.tenDigits >= 0.6 ? { score: byHeading, doubt: 'few pass the check digit' } : unfit
    case 'postcode':
      return shares.postcode >= 0.6
        ? { score: Math.max(byHeading, 0.8), doubt: byHeading < sure ? 'guessed from its values' : null }
        : unfit
    case 'lsoa':
      return shares.lsoa >= 0.6 ? { score: Math.max(byHeading, 0.9), doubt: null } : unfit
    case 'ods':
      return shares.ods >= 0.6 ? plain : unfit
    case 'integer':
      return shares.integer >= 0.8 && profile.dateForm === null && shares.nhs < 0.3 ? plain : unfit
    case 'code':
    case 'codes':
    case 'yes_no':
      return fitOfCodes(
        table === 'ratings' && block === '' && name === 'rating',
        listOf(field) ?? '',
        field.type === 'codes',
        profile,
        byHeading,
      )
    default:
      return fitOfText(name, field.type === 'note', profile, byHeading)
  }
}

function fitOfCodes(isRating: boolean, list: string, isList: boolean, profile: Profile, byHeading: number): Fit {
  if (profile.dateForm !== null || profile.words === null || profile.shares.email > 0.2) return unfit
  if (profile.parted.length > 0 && !isList && !['themes', 'strategies', 'services', 'agencies'].includes(list))
    return unfit
  const { known, like } = coverage(list, profile)
  if (isRating && known >= 0.9 && profile.distinct >= 2 && profile.distinct <= 6)
    return { score: Math.max(byHeading, 0.7), doubt: byHeading < sure ? 'guessed from its words' : null }
  if (list === 'yes_no' && known < 0.7) return unfit
  if (like < 0.15)
    return byHeading >= 0.95 && profile.distinct <= 40
      ? { score: byHeading - 0.2, doubt: 'its words are strange' }
      : unfit
  if (byHeading < 0.75 && known < 0.5) return unfit
  return { score: byHeading + 0.02 * known, doubt: known < 0.2 ? 'few of its words are known' : null }
}

function fitOfText(name: string, isNote: boolean, profile: Profile, byHeading: number): Fit {
  const { shares } = profile
  if (name === 'email') return shares.email >= 0.5 ? { score: byHeading, doubt: null } : unfit
  if (name === 'phone') return shares.phone >= 0.5 ? { score: byHeading, doubt: null } : unfit
  const isDate = profile.dateForm !== null && profile.dateForm !== 'serial' && profile.dateForm !== '%Y%m%d'
  if (isDate || shares.nhs >= 0.6 || shares.postcode >= 0.6 || shares.email >= 0.5) return unfit
  if (name === 'local_id') return profile.average > 40 ? unfit : { score: byHeading, doubt: null }
  if (name.endsWith('_name') && shares.digits > 0.3) return unfit
  if (name === 'full_name' && shares.comma + shares.twoWords < 0.6) return unfit
  if (['family_name', 'given_name'].includes(name) && shares.comma > 0.6) return unfit
  if (!isNote && profile.words !== null && coverage('yes_no', profile).known >= 0.7) return unfit
  // A heading that is only like a note's is not enough for a column of few short words: that is a list of codes.
  if (isNote && byHeading < sure && profile.average < 12) return unfit
  return { score: byHeading, doubt: null }
}
