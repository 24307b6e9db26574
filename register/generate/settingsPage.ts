import { stringify } from 'yaml'
import { z } from 'zod'
import { settingsSchema } from '../settings.ts'
import { markdownTable } from './markdownTable.ts'

const valuesSchema = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

const propertySchema = valuesSchema.extend({
  description: z.string().optional(),
  default: z.unknown().optional(),
  anyOf: z.array(valuesSchema).optional(),
})

const pageSchema = z.looseObject({
  properties: z.record(z.string(), propertySchema),
  required: z.array(z.string()).default([]),
})

type Values = z.infer<typeof valuesSchema>
type Property = z.infer<typeof propertySchema>

/** A default longer than this is shown below the table. */
const widestDefault = 40

/** `docs/settings.md`: every setting of dsr.yml with its meaning, default and limits. */
export function settingsPage(): string {
  const { properties, required } = pageSchema.parse(z.toJSONSchema(settingsSchema, { io: 'input' }))
  const all = Object.entries(properties)
  const rows = all.map(([name, property]) => [
    `\`${name}\``,
    property.description ?? '',
    (property.anyOf ?? [property]).map(wordsOf).join(' or '),
    required.includes(name) ? 'must be given' : isWide(property) ? 'below' : `\`${JSON.stringify(property.default)}\``,
  ])
  const wide = all.filter(([, property]) => isWide(property)).map(([name, property]) => defaultOf(name, property))
  const parts = [
    '# Settings',
    'Every setting of `dsr.yml`. Generated from `register/settings.ts`: change that, then run `make generate`.\nAn unknown setting is an error that names its nearest match.',
    markdownTable(['setting', 'meaning', 'values', 'default'], rows),
    ...wide,
  ]
  return `${parts.join('\n\n')}\n`
}

function isWide(property: Property): boolean {
  return (JSON.stringify(property.default) ?? '').length > widestDefault
}

function defaultOf(name: string, property: Property): string {
  const text = stringify({ [name]: property.default }, { singleQuote: true }).trimEnd()
  return `## Default of ${name}\n\n\`\`\`yaml\n${text}\n\`\`\``
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'whole number',
  array: 'list',
  object: 'group',
}

function wordsOf(values: Values): string {
  if (values.const !== undefined) return JSON.stringify(values.const).replaceAll('"', '')
  if (values.enum) return values.enum.map(String).join(', ')
  if (values.pattern !== undefined) return 'a date like 2026-10-31'
  const type = values.type ?? 'string'
  const range = values.minimum === undefined ? '' : `, ${values.minimum} to ${values.maximum ?? 'any'}`
  return `${typeWords[type] ?? type}${range}`
}
