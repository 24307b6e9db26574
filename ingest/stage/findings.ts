import { quoteName } from '../../store/openDuckDB.ts'
import { orderedDates } from '../checks.ts'
import type { Block } from '../contract.ts'
import type { BlockContext } from './compileBlock.ts'
import type { CompiledField } from './compileField.ts'

/** Most rows that one block makes of one record; the slot of a row is block × this + part. */
export const partsPerBlock = 16_384

/** What can be wrong with a row: the number of the fault, and the SQL that is true where it is so. */
interface Finding {
  readonly fault: number
  readonly when: string
}

/** Everything that one row of a block can show to be wrong by itself, over its `said` and `typed` columns. */
export function findings(context: BlockContext, block: Block, fields: readonly CompiledField[]): readonly Finding[] {
  return [
    ...ofFields(context, block, fields),
    ...ofKind(context, block),
    ...ofOrder(context, fields),
    {
      fault: context.faults.add(context.table.name, '', '', 'too_many_parts'),
      when: `part_number >= ${partsPerBlock}`,
    },
  ]
}

/** SQL: the numbers of a row's faults, null where it has none. Most rows have none, and then no list is made. */
export function faultsOf(found: readonly Finding[]): string {
  const any = found.map(({ when }) => `(${when})`).join(' or ')
  const cases = found.map(({ fault, when }) => `case when ${when} then ${fault} end`).join(', ')
  return `case when ${any} then list_filter([${cases}], lambda fault: fault is not null) end`
}

/** A record in which none of these stands says nothing of who it is about: that is told once, of all of them. */
const identityFields: ReadonlySet<string> = new Set(['given_name', 'family_name', 'date_of_birth', 'nhs_number'])

function ofFields({ table, faults }: BlockContext, block: Block, fields: readonly CompiledField[]): readonly Finding[] {
  const identity = table.name === 'people' ? fields.filter(({ field }) => identityFields.has(field.name)) : []
  const isNobody = identity.map(({ field }) => `${quoteName(`said ${field.name}`)} is null`).join(' and ')
  const found = fields.flatMap((compiled) =>
    compiled.faults.map(({ code, when }) => ({
      fault: faults.add(table.name, compiled.field.name, compiled.column, code),
      when: code === 'required_value_missing' && identity.includes(compiled) ? `${when} and not (${isNobody})` : when,
    })),
  )
  if (identity.length === 0) return found
  const order = Object.keys(block.fields)
  const columns = identity
    .toSorted((a, b) => order.indexOf(a.field.name) - order.indexOf(b.field.name))
    .map(({ column }) => column)
  return [...found, { fault: faults.add('people', '', columns.join(', '), 'required_value_missing'), when: isNobody }]
}

/** A kind of row that the contract neither wants nor leaves. */
function ofKind({ table, faults }: BlockContext, { where }: Block): readonly Finding[] {
  if (where?.leave === undefined) return []
  return [{ fault: faults.add(table.name, '', where.column, 'code_not_in_list'), when: 'not is_kind_known' }]
}

function ofOrder({ table, faults }: BlockContext, fields: readonly CompiledField[]): readonly Finding[] {
  const columnOf = (name: string): string | undefined => fields.find(({ field }) => field.name === name)?.column
  return orderedDates.flatMap(({ table: name, earlier, later }) => {
    const column = columnOf(later)
    if (name !== table.name || column === undefined || columnOf(earlier) === undefined) return []
    const when = `${quoteName(`typed ${later}`)} < ${quoteName(`typed ${earlier}`)}`
    return [{ fault: faults.add(table.name, later, column, 'dates_out_of_order'), when }]
  })
}
