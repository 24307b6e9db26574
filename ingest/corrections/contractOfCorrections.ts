import { tableNames } from '../../register/readDictionary.ts'
import { blocksOf, holdsJson, type Block, type Contract } from '../contract.ts'
import { ourColumns } from './columns.ts'

/** The contract that corrections of one sheet are read by: the feed's own, in the form in which we wrote them. */
export function contractOfCorrections(contract: Contract, sheet: string, deliveredOn: string): Contract {
  const blocks = tableNames.flatMap((table) => {
    const own = numberedBlocks(contract, table, sheet).map(({ block }) => block)
    return own.length === 0 ? [] : [[table, own] as const]
  })
  const { people_of: owner = contract.feed, ...rest } = contract
  const tables: Contract['tables'] = Object.fromEntries(blocks)
  return {
    ...rest,
    // Rows of a detail sheet hang on people who were landed with the sheet of people.
    ...(tables.people === undefined && { people_of: owner }),
    delivered_on: { value: deliveredOn },
    read: {
      format: holdsJson(contract) ? 'ndjson' : 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      quote: '"',
      skip_rows: 0,
      trusted: false,
    },
    ignore: [
      ...contract.ignore,
      ...('column' in contract.delivered_on ? [contract.delivered_on.column] : []),
      ...ourColumns,
    ],
    tables,
  }
}

/** The blocks of a table that read a sheet, with their numbers in the contract. */
export function numberedBlocks(
  contract: Contract,
  table: (typeof tableNames)[number],
  sheet: string,
): readonly { readonly block: Block; readonly number: number }[] {
  return blocksOf(contract, table).flatMap((given, number) => {
    if ((given.sheet ?? '') !== sheet) return []
    const { sheet: _sheet, skip_rows: _rows, ...block } = given
    return [{ block, number }]
  })
}
