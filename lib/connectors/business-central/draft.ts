import { Decimal } from "decimal.js";
import { Refusal } from "@/lib/domain/faults";
import { formatPlain, type Minor } from "@/lib/domain/money";
import { wireAmount } from "../wire-values";
import type { DraftDocument, DraftLine } from "../write";
import type { BusinessCentralSettings } from "./settings";
import { WIRE } from "./wire";

type WriteSettings = NonNullable<BusinessCentralSettings["write"]>;

/** What stands on a document's first comment line, by which it is found again. */
export const keyComment = (key: string): string => `Tieout ${key}`;

const TAKES_BACK = "Takes back ";

/** The credit memo that an invoice takes back, as one of its comment lines says; null where none does. */
export function takenBackIn(comments: readonly (string | null)[]): string | null {
  const [said] = comments.flatMap((text) =>
    text?.startsWith(TAKES_BACK) ? [text.slice(TAKES_BACK.length)] : [],
  );
  return said?.trim() || null;
}

/**
 * A draft as salesInvoices or salesCreditMemos takes it, with its lines. Amounts are not sent, since Business Central
 * reckons them itself from quantity, price and discount: whoever posts compares the draft's figures first.
 * Throws Refusal "invalid" for what can't be told: a reference that is too long, a line without an account.
 */
export function draftBody(document: DraftDocument, key: string, settings: WriteSettings): unknown {
  const { kind, reference, postingDay, currency, corrects } = document;
  if (reference.length > WIRE.lengths.externalDocumentNumber)
    throw new Refusal(
      "invalid",
      `Business Central keeps ${WIRE.lengths.externalDocumentNumber} characters of a reference, and "${reference}" is longer: it would not be found again.`,
    );
  if (document.lines.length === 0)
    throw new Refusal("invalid", "A document without lines can't be posted in Business Central.");
  const lines = [
    // First, so that it is there whatever becomes of the others.
    { lineType: "Comment", description: keyComment(key) },
    // Business Central has no field by which an invoice names the credit memo that it takes back.
    ...(kind === "sale" && corrects !== null
      ? [{ lineType: "Comment", description: `${TAKES_BACK}${corrects.number}` }]
      : []),
    ...document.lines.map((line) => lineBody(line, currency, settings)),
  ];
  return {
    customerNumber: settings.customerNumber,
    externalDocumentNumber: reference,
    postingDate: postingDay,
    [kind === "sale" ? "invoiceDate" : "creditMemoDate"]: postingDay,
    currencyCode: currency,
    // Looked up by its code just before it goes out.
    ...(document.payment !== undefined && { paymentTermsId: `{id of ${document.payment}}` }),
    ...(document.shipTo !== null && kind === "sale" && { shipToCountry: document.shipTo }),
    ...(kind === "credit" && corrects !== null && { invoiceNumber: corrects.number }),
    [WIRE.sets[kind].lines]: lines,
  };
}

function lineBody(line: DraftLine, currency: string, settings: WriteSettings): unknown {
  const { kind, description, taxCode } = line;
  const total = settings.pricesIncludeTax ? line.gross : line.net;
  return {
    lineType: kind === "item" ? "Item" : "Account",
    lineObjectNumber: numberOf(line, settings),
    description: description.slice(0, WIRE.lengths.description),
    ...priced(line.quantity, total, currency),
    taxCode,
  };
}

/** The item or account of a line. Throws Refusal "invalid" where neither it nor the settings name one. */
export function numberOf({ kind, number }: DraftLine, settings: WriteSettings): string {
  if (number !== "") return number;
  const own = kind === "item" ? undefined : settings.accounts[kind];
  if (own !== undefined) return own;
  throw new Refusal(
    "invalid",
    kind === "item"
      ? "A line names no item of Business Central."
      : `No account is named for ${kind}: name it in the connection's settings (write.accounts.${kind}).`,
  );
}

/**
 * Quantity, price and discount that come to exactly `total`: where it doesn't divide by the quantity, the price is the next
 * higher amount and the discount takes back what is too much. What is less than nothing has a negative quantity.
 */
function priced(quantity: string, total: Minor, currency: string): Readonly<Record<string, number>> {
  const { count, price, discount } = partsOf(quantity, total);
  return {
    quantity: count.toNumber(),
    unitPrice: wireAmount(price, currency),
    ...(discount === 0n ? {} : { discountAmount: wireAmount(discount, currency) }),
  };
}

function partsOf(
  quantity: string,
  total: Minor,
): Readonly<{ count: Decimal; price: Minor; discount: Minor }> {
  const count = new Decimal(quantity);
  if (!count.isPositive() || count.isZero())
    throw new Refusal("invalid", `A quantity must be above nothing, and ${quantity} isn't.`);
  const sign = total < 0n ? -1n : 1n;
  const amount = new Decimal((sign * total).toString());
  const price = amount.dividedBy(count).toDecimalPlaces(0, Decimal.ROUND_UP);
  const discount = price.times(count).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).minus(amount);
  return {
    count: count.times(Number(sign)),
    price: BigInt(price.toFixed(0)),
    discount: sign * BigInt(discount.toFixed(0)),
  };
}

/** The price and the discount that a line has once it is posted, as they are read. */
export function pricesOf(
  line: DraftLine,
  currency: string,
  settings: WriteSettings,
): Readonly<{ unitPrice: string; discount: Minor }> {
  const { price, discount } = partsOf(line.quantity, settings.pricesIncludeTax ? line.gross : line.net);
  return { unitPrice: formatPlain(price, currency), discount };
}
