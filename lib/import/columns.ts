export type ImportSide = "sales" | "ledger";

/** Our names of the columns of a sales file; a profile says what they are called there. */
const SALES = [
  "shop",
  "channel",
  "country",
  "company",
  "order_no",
  "document_type",
  "document_no",
  "document_status",
  "line_no",
  "sold_at",
  "currency",
  "line_kind",
  "sku",
  "gtin",
  "variant",
  "description",
  "quantity",
  "unit_price",
  "discount_amount",
  "net_amount",
  "tax_amount",
  "gross_amount",
  "tax_rate",
  "original_document_no",
  "modified_at",
] as const;

const LEDGER = [
  "company",
  "shop",
  "channel",
  "country",
  "document_type",
  "document_no",
  "document_status",
  "line_no",
  "posting_date",
  "currency",
  "external_order_no",
  "line_kind",
  "sku",
  "gtin",
  "gl_account",
  "variant",
  "description",
  "quantity",
  "unit_price",
  "discount_amount",
  "net_amount",
  "tax_code",
  "tax_rate",
  "tax_amount",
  "gross_amount",
  "original_document_no",
  "modified_at",
] as const;

export type Column = (typeof SALES)[number] | (typeof LEDGER)[number];

export const COLUMNS: Readonly<Record<ImportSide, readonly Column[]>> = { sales: SALES, ledger: LEDGER };

/** Columns that a file must have, or its profile as a constant. Of the amounts only gross: what is absent is unknown. */
export const REQUIRED: Readonly<Record<ImportSide, readonly Column[]>> = {
  sales: ["order_no", "sold_at", "gross_amount"],
  ledger: ["document_no", "posting_date", "external_order_no", "gross_amount"],
};

/** Columns whose cell may not be empty. */
export const FILLED: Readonly<Record<ImportSide, readonly Column[]>> = {
  sales: ["order_no", "sold_at", "gross_amount"],
  ledger: ["document_no", "posting_date", "gross_amount"],
};
