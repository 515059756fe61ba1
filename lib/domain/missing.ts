/**
 * A mapping that would cure what went wrong, and what it lacks: said by whoever missed it, with the values as they came.
 *
 *   item            an ERP item that is taken for a product of its own; `sku` is SCAYLE's product in whose place it stands
 *   tax-code        an ERP tax code that the mapping doesn't have where the goods went, at a rate (a fraction) that is right
 *   local-currency  a document that names no currency, of a connection that has none for such documents
 */
export type Missing =
  | Readonly<{ kind: "item"; itemKey: string; sku: string }>
  | Readonly<{ kind: "tax-code"; shipTo: string; channel: string; rate: string; taxCode: string }>
  | Readonly<{ kind: "local-currency" }>;
