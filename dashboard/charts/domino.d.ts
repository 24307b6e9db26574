/** The package's own types are declared under its former name. */
declare module '@mixmark-io/domino' {
  export function createDocument(html?: string): Document
}
