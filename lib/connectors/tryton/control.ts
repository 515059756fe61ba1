import { lineSums, type SourceControl, type Sums, totalSums } from "@/lib/domain/control";
import { objectOf } from "@/lib/domain/json";
import { parseAmount } from "@/lib/domain/money";
import { allocateTaxes } from "@/lib/domain/tax/document-tax";
import { rateFromText } from "@/lib/domain/tax/rate";
import { date } from "./values";

type Raw = Readonly<Record<string, unknown>>;

/**
 * Counts and sums of a document's lines as its records have them, apart from its translation: every priced line with its
 * part of the taxes that the document states, and those taxes that no line carries. Minor units of its currency.
 */
export function documentControls(payload: unknown, sourceId: string): readonly SourceControl[] {
  const document = objectOf(payload);
  const invoice = objectOf(document["invoice"]);
  const currency = textOf(objectOf(invoice["currency."])["code"]) || null;
  const isCancellation = document["part"] === "cancellation";
  const total = amountOf(invoice["total_amount"], currency);
  const isCredit = (total ?? 0n) < 0n !== isCancellation;
  const read = sumsOf(document, sourceId, currency, isCancellation ? -1n : 1n);
  return [
    {
      kind: isCredit ? "credit" : "sale",
      day: dayOf(invoice, isCancellation),
      currency,
      unreadable: read.filter((one) => one === null).length,
      sums: totalSums(read.filter((one) => one !== null)),
    },
  ];
}

function dayOf(invoice: Raw, isCancellation: boolean): string | null {
  const move = objectOf(invoice[isCancellation ? "cancel_move." : "move."])["date"];
  const candidates = isCancellation ? [move] : [move, invoice["accounting_date"], invoice["invoice_date"]];
  return candidates.map((one) => date.safeParse(one).data ?? null).find((day) => day !== null) ?? null;
}

/** One line's sums each, or null where its amounts can't be read. */
function sumsOf(
  document: Raw,
  sourceId: string,
  currency: string | null,
  sign: bigint,
): readonly (Sums | null)[] {
  const lines = listOf(document["lines"]).filter((line) => line["type"] === "line");
  const codes = new Map(listOf(document["taxCodes"]).map((code) => [code["id"], code]));
  const nets = lines.map((line) => amountOf(line["amount"], currency));
  const taxes = listOf(document["taxes"]).map((tax) => {
    const family = new Set<unknown>();
    for (let id = tax["tax"]; typeof id === "number" && !family.has(id); id = codes.get(id)?.["parent"])
      family.add(id);
    const carriers = lines.flatMap((line, index) =>
      Array.isArray(line["taxes"]) && line["taxes"].some((id) => family.has(id)) ? [index] : [],
    );
    const rate = decimalOf(codes.get(tax["tax"])?.["rate"]);
    return { id: tax["id"], amount: amountOf(tax["amount"], currency), rate, lines: carriers };
  });
  const readable = taxes.flatMap(({ amount, rate, lines: carriers }) =>
    amount === null
      ? []
      : [{ tax: amount, rate: rate === null ? null : rateFromText(rate), lines: carriers }],
  );
  const shares = allocateTaxes(
    nets.map((net) => net ?? 0n),
    readable,
  );
  const own = lines.map((line, index) => {
    const net = nets[index] ?? null;
    if (net === null) return null;
    const [signedNet, tax] = [sign * net, sign * (shares[index] ?? 0n)];
    return lineSums(sourceId, textOf(line["id"]), { net: signedNet, tax, gross: signedNet + tax });
  });
  const alone = taxes
    .filter((tax) => tax.lines.length === 0)
    .map(({ id, amount }) => {
      if (amount === null) return null;
      return lineSums(sourceId, `tax-${textOf(id)}`, { net: 0n, tax: sign * amount, gross: sign * amount });
    });
  return [...own, ...alone];
}

const listOf = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.map(objectOf) : []);
const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

function decimalOf(value: unknown): string | null {
  const text = textOf(objectOf(value)["decimal"]);
  return /^-?\d+(\.\d+)?$/.test(text) ? text : null;
}

function amountOf(value: unknown, currency: string | null): bigint | null {
  const text = decimalOf(value);
  if (currency === null || text === null) return null;
  try {
    return parseAmount(text, currency);
  } catch {
    return null;
  }
}
