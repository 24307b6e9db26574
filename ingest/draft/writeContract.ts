import type { DraftBlock, DraftField, DraftTables } from './drafted.ts'
import type { FileShape } from './sniffFile.ts'

/** All that a contract's text is made from. A doubt becomes a comment `# ? why` on its line. */
export interface DraftContract {
  readonly feed: string
  readonly agency: { readonly name: string; readonly kind: string; readonly doubt: string | null }
  readonly files: string
  readonly deliveredOn: {
    readonly rule: 'file_name' | 'value' | 'column'
    readonly text: string
    readonly doubt: string | null
  }
  readonly shape: FileShape
  readonly footer: { readonly column: string; readonly starts: string } | null
  readonly tables: DraftTables
}

/** The mark of a line that somebody has to look at. */
export const mark = '# ?'

/** The contract as YAML, ready to be read by somebody who has never seen one. */
export function writeContract(draft: DraftContract): string {
  const { feed, agency, deliveredOn, tables } = draft
  const form = commonForm(tables)
  const lines = [
    '# yaml-language-server: $schema=../ingest/contract.schema.json',
    `# Drafted from a file. Look at each line marked ${mark} : put it right, or take the mark away. Then run: dsr check`,
    `feed: ${feed}`,
    `agency: { name: ${inFlow(agency.name)}, kind: ${agency.kind} }${doubted(agency.doubt)}`,
    'basis: register_consent',
    `from: { folder: extracts/${feed}, files: ${inFlow(draft.files)} }`,
    `delivered_on: { ${deliveredOn.rule}: ${inFlow(deliveredOn.text)} }${doubted(deliveredOn.doubt)}`,
    ...readLines(draft),
    ...(form === null
      ? []
      : [
          `dates: [${inFlow(form)}]${doubted(tables.isDayUnsure ? 'no date of the file tells whether the day comes first' : null)}`,
        ]),
    ...ignoreLines(tables),
    'tables:',
    ...tableLines(tables.blocks, form),
  ]
  return `${lines.join('\n')}\n`
}

function readLines({ shape, footer }: DraftContract): readonly string[] {
  return [
    'read:',
    `  format: ${shape.format}`,
    ...(shape.encoding === 'utf-8' ? [] : [`  encoding: ${shape.encoding}`]),
    ...(shape.format !== 'csv' || shape.delimiter === ','
      ? []
      : [`  delimiter: ${shape.delimiter === '\t' ? '"\\t"' : inFlow(shape.delimiter)}`]),
    ...(shape.records === null ? [] : [`  records: ${plain(shape.records)}`]),
    ...(shape.skipRows === 0 ? [] : [`  skip_rows: ${shape.skipRows}`]),
    ...(footer === null
      ? []
      : [`  footer: { column: ${inFlow(footer.column)}, starts_with: ${inFlow(footer.starts)} }`]),
  ]
}

function ignoreLines({ ignored, doubled }: DraftTables): readonly string[] {
  const names = [...new Set(ignored)]
  if (names.length === 0) return []
  return [
    'ignore: # columns that no field was found for',
    ...names.map(
      (name) =>
        `  - ${plain(name)}${doubted(doubled.includes(name) ? 'it stands twice in the file: have one of them renamed' : 'not needed?')}`,
    ),
  ]
}

function tableLines(blocks: readonly DraftBlock[], form: string | null): readonly string[] {
  const names = [
    ...new Set(['people', 'entries', 'consents', 'ratings', 'reviews', ...blocks.map(({ table }) => table)]),
  ]
  return names.flatMap((table) => {
    const own = blocks.filter((block) => block.table === table)
    if (own.length === 0) return []
    if (own.length === 1) return [`  ${table}:`, ...own.flatMap((block) => indent(blockLines(block, form), '    '))]
    return [
      `  ${table}:`,
      ...own.flatMap((block) =>
        blockLines(block, form).map((line, index) => `    ${index === 0 ? '- ' : '  '}${line}`),
      ),
    ]
  })
}

function blockLines(block: DraftBlock, form: string | null): readonly string[] {
  const { split } = block
  return [
    ...(block.sheet === null ? [] : [`sheet: ${plain(block.sheet)}`]),
    ...(block.sheet === null || block.skipRows === 0 ? [] : [`skip_rows: ${block.skipRows}`]),
    ...(block.each === null ? [] : [`each: ${plain(block.each)}`]),
    ...(block.repeat.length === 0 ? [] : [`repeat: [${block.repeat.join(', ')}]`]),
    ...(block.when === null ? [] : [`when: ${plain(block.when)}`]),
    ...(split === null
      ? []
      : [
          `split: { column: ${inFlow(split.column)}, by: ${split.by.length === 1 ? inFlow(split.by[0] ?? '') : `[${split.by.map(inFlow).join(', ')}]`} }`,
        ]),
    'fields:',
    ...indent(
      block.fields.flatMap((field) => fieldLines(field, form)),
      '  ',
    ),
  ]
}

function fieldLines(field: DraftField, form: string | null): readonly string[] {
  const { codes } = field
  const ownForm =
    field.dateForm !== undefined && isStrptime(field.dateForm) && field.dateForm !== form ? field.dateForm : null
  const parts = [
    ...(field.column === undefined ? [] : [`column: ${inFlow(field.column)}`]),
    ...(field.columns === undefined ? [] : [`columns: [${field.columns.map(inFlow).join(', ')}]`]),
    ...(field.join === undefined ? [] : [`join: ${inFlow(field.join)}`]),
    ...(field.value === undefined ? [] : [`value: ${inFlow(field.value)}`]),
    ...(field.part === undefined ? [] : [`part: ${quoted(field.part)}`]),
    ...(field.by === undefined ? [] : [`by: ${inFlow(field.by)}`]),
    ...(ownForm === null ? [] : [`dates: [${inFlow(ownForm)}]`]),
  ]
  if (codes === undefined) {
    const isShort = parts.length === 1 && field.column !== undefined
    return [`${field.name}: ${isShort ? plain(field.column ?? '') : `{ ${parts.join(', ')} }`}${doubted(field.doubt)}`]
  }
  const left =
    codes.leftOut === 0
      ? null
      : `${codes.leftOut} ${codes.leftOut === 1 ? 'word was' : 'words were'} not written down: they might be somebody’s; dsr check counts them`
  return [
    `${field.name}:${doubted([field.doubt, left].filter((why) => why !== null).join('; ') || null)}`,
    ...parts.map((part) => `  ${part.replace(/^column: (.*)$/, () => `column: ${plain(field.column ?? '')}`)}`),
    '  codes:',
    ...(field.name === 'basis' && !codes.entries.some(({ said }) => said === '') ? [`    '': K90`] : []),
    ...codes.entries.map(
      ({ said, code, doubt }) => `    ${key(said)}: ${code === null ? '~' : key(code)}${doubted(doubt)}`,
    ),
    ...(codes.entries.length === 0 && field.name !== 'basis' ? [`    '': ~`] : []),
  ]
}

function doubted(why: string | null): string {
  return why === null ? '' : ` ${mark} ${why}`
}

function indent(lines: readonly string[], by: string): readonly string[] {
  return lines.map((line) => `${by}${line}`)
}

/** The form that most date columns of the file have. */
function commonForm({ blocks }: DraftTables): string | null {
  const forms = blocks.flatMap(({ fields }) =>
    fields.flatMap(({ dateForm }) => (dateForm !== undefined && isStrptime(dateForm) ? [dateForm] : [])),
  )
  const count = (form: string): number => forms.filter((other) => other === form).length
  return [...new Set(forms)].sort((a, b) => count(b) - count(a))[0] ?? null
}

function isStrptime(form: string): boolean {
  return form.startsWith('%')
}

/** A text on a line of its own; quoted where YAML would read it as something else. */
function plain(text: string): string {
  return isPlain(text) && !/: |:$| #/.test(text) ? text : quoted(text)
}

/** A text between brackets, where a comma or a bracket would end it. */
function inFlow(text: string): string {
  return isPlain(text) && !/[,[\]{}:#]/.test(text) ? text : quoted(text)
}

/** A key, or a code: what looks like a number, yes or null is text all the same. */
function key(text: string): string {
  return isPlain(text) && !/[:#]/.test(text) ? text : quoted(text)
}

function isPlain(text: string): boolean {
  return (
    /^[\p{L}\p{N}_/(*][\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text) &&
    !/^[*/]|^[&!|>%@`"'{[]/.test(text) &&
    text === text.trim() &&
    !/^(y|n|yes|no|on|off|true|false|null|~|[-+.\d][\d.,_:eExXoO+-]*)$/i.test(text)
  )
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
