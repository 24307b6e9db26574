import { checkOf, type CheckCode } from '../checks.ts'

export interface FaultKind {
  readonly id: number
  readonly table: string
  readonly field: string
  /** The agency's name of the column. */
  readonly column: string
  readonly code: CheckCode
  readonly severity: string
}

/** Numbers every fault that a contract's checks can find, so that SQL carries small integers and no text. */
export class FaultBook {
  readonly kinds: FaultKind[] = []

  add(table: string, field: string, column: string, code: CheckCode): number {
    const known = this.kinds.find(
      (kind) => kind.table === table && kind.field === field && kind.column === column && kind.code === code,
    )
    if (known) return known.id
    const id = this.kinds.length + 1
    this.kinds.push({ id, table, field, column, code, severity: checkOf(code).severity })
    return id
  }
}
