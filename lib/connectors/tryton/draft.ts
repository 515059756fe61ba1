import { Decimal } from "decimal.js";
import { Refusal } from "@/lib/domain/faults";
import { exponentOf, formatPlain } from "@/lib/domain/money";
import type { DraftDocument, DraftLine } from "../write";
import type { TrytonSettings } from "./settings";
import { asDate } from "./values";
import { WIRE } from "./wire";

type WriteSettings = NonNullable<TrytonSettings["write"]>;

/** What an invoice is described as, by which it is found again. */
export const keyDescription = (key: string): string => `Tieout ${key}`;

/** Something that Tryton knows by an id, which is looked up just before it is sent. */
export type Lookup =
  | Readonly<{ of: "party" | "address" | "receivable"; code: string }>
  | Readonly<{ of: "company" | "journal" | "currency" | "tax"; code: string }>
  /** `optional`: null where there is none, as on a charge that is an account and no product */
  | Readonly<{ of: "product" | "unit" | "account"; code: string; optional: boolean }>
  | Readonly<{ of: "origin"; code: string; invoice: string; number: string }>
  | Readonly<{ of: "reversed lines"; code: string; invoice: string }>;

/** A body in which ids stand as what they are looked up by. */
export type Draft = Readonly<Record<string, unknown>>;

const isLookup = (value: unknown): value is Lookup =>
  typeof value === "object" && value !== null && "of" in value && "code" in value;

const NAMES: Readonly<Record<Lookup["of"], string>> = {
  party: "party",
  address: "address of party",
  receivable: "receivable account of party",
  company: "company",
  journal: "journal of",
  currency: "currency",
  tax: "tax",
  product: "product",
  unit: "unit of product",
  account: "account of",
  origin: "line with",
  "reversed lines": "every line, with its quantity turned round, of",
};

/** What a lookup stands as in a preview. */
function shownLookup(lookup: Lookup): string {
  const where = lookup.of === "origin" ? ` on ${lookup.number}, if any` : "";
  const perhaps = "optional" in lookup && lookup.optional ? ", if any" : "";
  return `{${NAMES[lookup.of]} ${lookup.code}${where}${perhaps}}`;
}

/** A body with every lookup in the place of its id. */
export function mapLookups(value: unknown, found: (lookup: Lookup) => unknown): unknown {
  if (isLookup(value)) return found(value);
  if (Array.isArray(value)) return value.map((one) => mapLookups(one, found));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapLookups(one, found)]));
}

/** The lookups of a body, each once. */
export function lookupsIn(value: unknown): readonly Lookup[] {
  const found = new Map<string, Lookup>();
  mapLookups(value, (lookup) => found.set(JSON.stringify(lookup), lookup));
  return [...found.values()];
}

export const shownBody = (value: unknown): unknown => mapLookups(value, shownLookup);

/**
 * A customer invoice as Tryton takes it, a credit note as one of negative quantities. Tax amounts are not sent: Tryton
 * reckons them. Throws Refusal "invalid" for what can't be told: a net that its price and quantity don't come to, a line
 * without a product or an account.
 */
export function draftInvoice(document: DraftDocument, key: string, settings: WriteSettings): Draft {
  const { kind, reference, postingDay, currency, corrects } = document;
  if (document.lines.length === 0)
    throw new Refusal("invalid", "A document without lines can't be posted in Tryton.");
  return {
    ...headerOf(settings, currency, key),
    reference,
    invoice_date: asDate(postingDay),
    lines: [
      [
        "create",
        document.lines.map((line) => ({
          ...lineOf(line, kind === "credit", currency, settings),
          ...(corrects !== null && {
            origin: {
              of: "origin",
              code: numberOf(line, settings),
              invoice: corrects.sourceId,
              number: corrects.number,
            } satisfies Lookup,
          }),
        })),
      ],
    ],
  };
}

/** A credit note of a whole invoice (or the other way round), line by line, each naming its line as its origin. */
export const draftReversal = (
  document: Readonly<{ sourceId: string; number: string; reference: string }>,
  postingDay: string,
  key: string,
  settings: WriteSettings,
  currency: string,
): Draft => ({
  ...headerOf(settings, currency, key),
  reference: document.reference,
  invoice_date: asDate(postingDay),
  lines: [
    ["create", { of: "reversed lines", code: document.number, invoice: document.sourceId } satisfies Lookup],
  ],
});

const headerOf = ({ partyCode, receivableAccount }: WriteSettings, currency: string, key: string): Draft => ({
  type: "out",
  company: { of: "company", code: "of the user" } satisfies Lookup,
  currency: { of: "currency", code: currency } satisfies Lookup,
  journal: { of: "journal", code: "revenue" } satisfies Lookup,
  party: { of: "party", code: partyCode } satisfies Lookup,
  invoice_address: { of: "address", code: partyCode } satisfies Lookup,
  account:
    receivableAccount === undefined
      ? ({ of: "receivable", code: partyCode } satisfies Lookup)
      : ({ of: "account", code: receivableAccount, optional: false } satisfies Lookup),
  description: keyDescription(key),
});

function lineOf(line: DraftLine, isCredit: boolean, currency: string, settings: WriteSettings): Draft {
  const number = numberOf(line, settings);
  const isItem = line.kind === "item";
  // What is less than nothing has a negative quantity, and a credit the opposite of its own.
  const isNegative = isCredit !== line.net < 0n;
  return {
    type: "line",
    company: { of: "company", code: "of the user" } satisfies Lookup,
    currency: { of: "currency", code: currency } satisfies Lookup,
    product: { of: "product", code: number, optional: !isItem } satisfies Lookup,
    unit: { of: "unit", code: number, optional: !isItem } satisfies Lookup,
    account: { of: "account", code: number, optional: false } satisfies Lookup,
    description: line.description,
    quantity: new Decimal(line.quantity).times(isNegative ? -1 : 1).toNumber(),
    unit_price: { __class__: "Decimal", decimal: priceOf(line, currency) },
    taxes: [["add", taxesOf(line)]],
  };
}

/** Several taxes on one line are read as "A + B". */
const taxesOf = ({ taxCode }: DraftLine): readonly Lookup[] =>
  taxCode === "" ? [] : taxCode.split(" + ").map((code) => ({ of: "tax", code }) as const);

function numberOf({ kind, number }: DraftLine, { accounts }: WriteSettings): string {
  const own = number !== "" || kind === "item" ? number : accounts[kind];
  if (own !== undefined && own !== "") return own;
  throw new Refusal(
    "invalid",
    kind === "item"
      ? "A line names no product of Tryton."
      : `No account is named for ${kind}: name it in the connection's settings (write.accounts.${kind}).`,
  );
}

/**
 * The price of one without its tax, above nothing. Tryton taxes the price before it is rounded: the one that its gross
 * comes from gives back the gross, so it is taken where it also gives the net.
 */
function priceOf({ quantity, net, gross, taxRate }: DraftLine, currency: string): string {
  const count = new Decimal(quantity);
  if (!count.isPositive() || count.isZero())
    throw new Refusal("invalid", `A quantity must be above nothing, and ${quantity} isn't.`);
  const text = (amount: bigint): string => formatPlain(amount < 0n ? -amount : amount, currency);
  const [whole, withTax] = [new Decimal(text(net)), new Decimal(text(gross))];
  const rounded = (price: Decimal): Decimal =>
    price.times(count).toDecimalPlaces(exponentOf(currency), Decimal.ROUND_HALF_EVEN);
  const candidates = [
    ...(taxRate === null ? [] : [withTax.dividedBy(new Decimal(taxRate).plus(1))]),
    whole,
  ].map((amount) => amount.dividedBy(count).toDecimalPlaces(WIRE.priceDecimals, Decimal.ROUND_HALF_EVEN));
  const price = candidates.find((one) => rounded(one).equals(whole));
  if (price !== undefined) return price.toFixed();
  throw new Refusal(
    "invalid",
    `Tryton keeps prices to ${WIRE.priceDecimals} decimals, and none of them times ${quantity} comes to ${text(net)}.`,
  );
}
