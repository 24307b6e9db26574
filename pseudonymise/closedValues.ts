import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readGeography } from '../register/geography/readGeography.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { readCodes } from '../register/readCodes.ts'
import type { Settings } from '../register/settings.ts'
import type { Deployment } from '../store/deployment.ts'

/** The texts of each closed list, by its name; pseudonyms are those of one version and are not among them. */
export type ClosedValues = ReadonlyMap<string, ReadonlySet<string>>

interface Facts {
  readonly deployment: Deployment
  readonly settings: Settings
  readonly asOf: string
}

/** Reads every closed list: the files of register/codes, and those that register/closedColumns.ts names as derived. */
export function closedValues({ deployment, settings, asOf }: Facts): ClosedValues {
  const names = listNames()
  const lists = new Map(names.map((name) => [name, readCodes(name)] as const))
  const codes = (name: string): string[] => (lists.get(name) ?? []).map((code) => code.code)
  const everyCode = [...lists.values()].flat()
  const { icbs, councils, populations } = readGeography(deployment.reference)
  const derived: Record<string, readonly string[]> = {
    feeds: contractNames(deployment),
    all: ['all'],
    any: ['any'],
    places: [...codes('icbs'), 'all'],
    any_code: everyCode.map((code) => code.code),
    list_names: names,
    labels: everyCode.map((code) => code.label),
    code_details: everyCode.flatMap((code) => Object.values(code.more)),
    family_reasons: codes('service_families').flatMap((family) =>
      codes('unavailable_reasons').map((reason) => `${family}|${reason}`),
    ),
    disclosure_rules: ['nhs-lda', 'nhs-lda-keyed'],
    ...settingFacts(settings, asOf),
    organisation_codes: [...icbs.map((icb) => icb.ods), ...councils.map((council) => council.gss)],
    organisation_names: [...icbs, ...councils].map((organisation) => organisation.name),
    organisation_kinds: ['icb', 'council'],
    region_codes: icbs.map((icb) => icb.regionCode),
    population_groups: [...new Set(populations.map((population) => population.ageGroup))],
  }
  const files = names.map((name) => [name, codes(name)] as const)
  return new Map([...files, ...Object.entries(derived)].map(([name, values]) => [name, new Set(values)]))
}

function listNames(): string[] {
  return readdirSync(join(projectRoot, 'register/codes'))
    .filter((file) => file.endsWith('.csv'))
    .map((file) => basename(file, '.csv'))
    .sort()
}

function contractNames(deployment: Deployment): string[] {
  return readdirSync(deployment.sources)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => basename(file, '.yml'))
}

/** Each setting as text: a plain value as it is, anything else as JSON or, for a list of words, joined. */
function settingFacts(settings: Settings, asOf: string): Record<'setting_names' | 'setting_values', readonly string[]> {
  const values = Object.values(settings).flatMap((value) => {
    if (typeof value !== 'object') return [String(value)]
    return [
      JSON.stringify(value),
      ...(Array.isArray(value)
        ? [value.map(String).join(','), value.map(String).join('|')]
        : Object.values(value).map(String)),
    ]
  })
  return { setting_names: Object.keys(settings), setting_values: [...values, asOf] }
}
