import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { exponentOf, type Minor } from "@/lib/domain/money";
import { allocateByWeight, type Remainder } from "@/lib/domain/tax/allocation";
import { type Claim, defineCause } from "./contract";
import { atScaylesAmount, fullPrice, policyOf, retaxed } from "./corrections";
import { isTaxedAlike } from "./prices";
import { erpName, figures, money } from "./words";
import { documentLines, documentOf, minusSums, sum, type Work, type WorkPair } from "./work";

export const voucherAllocation = defineCause({
  code: "voucher-allocation",
  title: "Voucher on another line",
  meaning:
    "An absolute voucher sits on one item in SCAYLE and on another, or spread over several, in the ERP.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  resolution: "Accept, or allocate the voucher in the ERP as SCAYLE does: on one item.",
  manual:
    "SCAYLE books an absolute voucher on a single item, usually the dearest; the ERP has it elsewhere or spreads it by value. The order's total is the same, lines differ, and so does the tax where the items' rates do. It matters at the return: SCAYLE refunds the reduced price of the item that carried the voucher, and the full price of the others.",
  pairs: (work) =>
    vouchersOf(work).length === 0 ? [] : [...claimsFor(work, "sale"), ...claimsFor(work, "credit")],
});

/** Values that the order's absolute vouchers may have in minor units, each alone and all together. */
function vouchersOf(work: Work): readonly Minor[] {
  const order = work.group.order;
  if (!order) return [];
  const values = order.vouchers
    .filter((voucher) => voucher.type !== "relative")
    .flatMap((voucher) => minorOf(voucher.value, order.currency) ?? []);
  const total = values.reduce((all, one) => all + one, 0n);
  return [...new Set([...values, total])].filter((value) => value > 0n);
}

/** SCAYLE states vouchers in minor units, as all its amounts; a value with a point is one of major units. */
function minorOf(value: string | null, currency: string): Minor | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return BigInt(value);
  const [whole = "", decimals = ""] = value.split(".");
  const exponent = exponentOf(currency);
  if (!/^\d+$/.test(whole) || !/^\d+$/.test(decimals) || decimals.length > exponent) return null;
  return BigInt(whole + decimals.padEnd(exponent, "0"));
}

type Shelf = Readonly<{ pair: WorkPair; gap: Minor }>;

function claimsFor(work: Work, kind: DocumentKind): readonly Claim[] {
  const pairs = work.pairs.filter((pair) => pair.kind === "item" && pair.documentKind === kind);
  if (pairs.length < 2 || pairs.every((pair) => pair.cells.length === 0)) return [];
  const shelves = pairs.map((pair) => ({ pair, gap: sum(pair.scayle).gross - sum(pair.erp).gross }));
  const moved = shelves.filter(({ gap }) => gap !== 0n);
  if (moved.length < 2 || moved.some(({ pair }) => !isWhole(pair))) return [];
  const documents = new Set(moved.flatMap(({ pair }) => pair.erp.map((line) => line.documentId)));
  const document = moved[0]?.pair.erp[0] ? documentOf(work, moved[0].pair.erp[0]) : null;
  if (!document || documents.size > 1 || policyOf(work, document).basis !== "gross") return [];
  const sign = kind === "sale" ? 1n : -1n;
  const inDocument = shelves.filter(({ pair }) => pair.erp.some((line) => line.documentId === document.id));
  for (const voucher of vouchersOf(work)) {
    for (const carrier of inDocument) {
      const words = allocationOf(inDocument, carrier, voucher * sign);
      if (words) return claimOf(work, moved, carrier, voucher, words);
    }
  }
  return [];
}

const isWhole = (pair: WorkPair): boolean =>
  pair.quantity.scayle === pair.quantity.erp && pair.erp.every((line) => isTaxedAlike(pair, line));

/**
 * How the ERP gives out a voucher that SCAYLE has on the carrier, in words; null where it doesn't. All amounts signed.
 * Three ways, each to the minor unit: its own lines say so (full price − amount = its part of the voucher), the voucher
 * is whole on another item, or it is spread by value with the cents by a named rule.
 */
function allocationOf(shelves: readonly Shelf[], carrier: Shelf, voucher: Minor): string | null {
  // SCAYLE's prices before the voucher.
  const full = shelves.map((one) => sum(one.pair.scayle).gross + (one === carrier ? voucher : 0n));
  const parts = shelves.map((one, index) => (full[index] ?? 0n) - sum(one.pair.erp).gross);
  const total = parts.reduce((all, one) => all + one, 0n);
  const isReduction = parts.every((part) => (voucher > 0n ? part >= 0n : part <= 0n));
  if (total !== voucher || !isReduction || parts[shelves.indexOf(carrier)] === voucher) return null;
  if (shelves.every((one, index) => statedFull(one.pair.erp) === full[index]))
    return "as its own lines state: full price less their part of it";
  if (parts.filter((part) => part !== 0n).length === 1) return "on another item";
  return spreadOf(full, parts, voucher) ? "spread by value" : null;
}

/** What the ERP's lines would cost without any reduction: quantity × unit price; null where they state none. */
function statedFull(lines: readonly GroupLine[]): Minor | null {
  let total = 0n;
  for (const line of lines) {
    const full = fullPrice(line);
    if (full === null) return null;
    total += full;
  }
  return total;
}

const RULES: readonly Remainder[] = ["largest-fraction", "running", "last-line"];

function spreadOf(full: readonly Minor[], parts: readonly Minor[], voucher: Minor): boolean {
  const weights = full.map((one) => (voucher > 0n ? one : -one));
  if (weights.some((one) => one < 0n) || weights.every((one) => one === 0n)) return false;
  return RULES.some((rule) =>
    allocateByWeight(voucher, weights, rule).every((part, index) => part === parts[index]),
  );
}

function claimOf(
  work: Work,
  moved: readonly Shelf[],
  carrier: Shelf,
  voucher: Minor,
  words: string,
): readonly Claim[] {
  const fixes = moved.flatMap(({ pair }) => atScaylesAmount(work, pair) ?? []);
  const document = fixes[0]?.document;
  if (!document || fixes.length < moved.length) return [];
  const policy = policyOf(work, document);
  const corrected = retaxed(
    documentLines(work, document.id),
    fixes.map((fix) => ({ line: fix.line, base: fix.corrected.gross, rate: fix.line.taxRate })),
    policy,
  );
  const currency = carrier.pair.currency;
  const amounts = minusSums(
    corrected,
    fixes.map(({ line }) => line),
  );
  return [
    {
      effect: { kind: "correct", lines: corrected },
      subject: {
        documentKind: document.kind,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `The voucher of ${money(voucher, currency)} sits on ${carrier.pair.itemKey} in SCAYLE; ${erpName(document)} has it ${words}. The total is the same; difference ${figures(amounts, currency)}.`,
      steps: moved.map(
        ({ pair, gap }) =>
          `${pair.itemKey}: SCAYLE ${money(sum(pair.scayle).gross, currency)}, ERP ${money(sum(pair.erp).gross, currency)}; ${money(gap, currency)} of the voucher moved.`,
      ),
      signature: words,
    },
  ];
}
