import type { Minor } from "@/lib/domain/money";
import type { OrderItem } from "@/lib/domain/order";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { type Claim, defineCause } from "./contract";
import {
  calculated,
  calculators,
  confirmedScaylePolicy,
  type Priced,
  pricedParts,
  SCAYLE_POLICY,
} from "./scayle-rounding";
import { signatureOf } from "./signature";
import { figures, money } from "./words";
import type { Work, WorkPair } from "./work";

export const taxNotRecalculated = defineCause({
  code: "tax-not-recalculated",
  title: "Tax not recalculated",
  meaning: "SCAYLE's order total still has the tax of before a partial cancellation or return.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words:
      "The tax of the order was not recalculated after a part was cancelled; the items’ prices are right",
    next: "Have SCAYLE calculate the tax of the order again.",
  },
  resolution: "Send the updated line-item values to SCAYLE.",
  manual:
    "Items were cancelled or came back, and the order's total in SCAYLE was not calculated again: its tax, or all of it, is that of before. The items themselves are right, and so is the ERP. Claimed only where what the total says beyond its items is, to the cent, the tax (or the amount) of what was cancelled or returned, by the order's own price calculator. Send the items' updated values to SCAYLE; the total follows.",
  residual: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  const [cell] = pair.cells;
  const [header] = pair.scayle;
  const basis = pair.kind === "header" && pair.erp.length === 0 ? pricedParts(work.group) : null;
  if (!cell || !header || pair.cells.length > 1 || !basis) return [];
  const policy = confirmedScaylePolicy(work, header) ?? SCAYLE_POLICY;
  const beyond = cell.amounts;
  for (const gone of staleSets(work, basis)) {
    const gross = gone.reduce((all, item) => all + item.gross, 0n);
    // Either the tax alone was left as it was, or the whole total.
    if (beyond.gross !== 0n && beyond.gross !== gross) continue;
    const moved = taxMoved(basis, gone, beyond.tax, policy);
    if (moved === null || (moved === 0n && beyond.gross === 0n)) continue;
    const amounts = { net: beyond.gross - moved, tax: moved, gross: beyond.gross };
    return [
      {
        effect: { kind: "residual", parts: [{ pairId: pair.id, period: cell.period, amounts }] },
        subject: { documentKind: pair.documentKind, sourceLine: pair.itemKey, documentNumber: null },
        explanation: `SCAYLE's order total still has the ${beyond.gross === 0n ? "tax" : "amount"} of ${gone.length} ${gone.length === 1 ? "item that was" : "items that were"} cancelled or returned: ${figures(amounts, pair.currency)}.`,
        steps: [
          `Beyond its items and fees the total has ${figures(beyond, pair.currency)}.`,
          ...gone.map(
            (item) =>
              `${item.sku}, cancelled or returned: ${money(item.gross, pair.currency)}, tax ${money(item.tax ?? 0n, pair.currency)}.`,
          ),
          `The total's tax with ${gone.length === 1 ? "it" : "them"} less the total's tax without: ${money(moved, pair.currency)}.`,
        ],
        signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
      },
    ];
  }
  return [];
}

const MOST_MOMENTS = 16;

/**
 * What the total may not have heard of: the items cancelled or returned since some moment, the latest alone first.
 * Bounded to the sixteen latest moments.
 */
function staleSets(work: Work, basis: readonly Priced[]): readonly (readonly OrderItem[])[] {
  const gone = (work.group.order?.items ?? []).filter(
    (item) => !basis.includes(item) && item.taxRate !== null && item.tax !== null,
  );
  const momentOf = (item: OrderItem): number =>
    (item.returnedAt ?? item.cancelledAt ?? item.updatedAt)?.getTime() ?? 0;
  const moments = [...new Set(gone.map(momentOf))].sort((a, b) => b - a).slice(0, MOST_MOMENTS);
  return moments.map((since) => gone.filter((item) => momentOf(item) >= since));
}

/**
 * The tax of the total with what is gone less the tax without, by the calculator that makes the total's tax with it;
 * null where neither calculator does. `beyond` is the total's tax beyond its items' own.
 */
function taxMoved(
  basis: readonly Priced[],
  gone: readonly OrderItem[],
  beyond: Minor,
  policy: RoundingPolicy,
): Minor | null {
  const own = basis.reduce((all, part) => all + (part.tax ?? 0n), 0n);
  // What the calculator makes of the items that are left is its rounding, and nothing stale.
  if (calculators.some((one) => calculated(basis, one, policy).includes(own + beyond))) return null;
  for (const calculator of calculators) {
    const before = calculated([...basis, ...gone], calculator, policy);
    const after = calculated(basis, calculator, policy);
    for (const [index, tax] of before.entries()) {
      if (tax === own + beyond) return tax - (after[index] ?? tax);
    }
  }
  return null;
}
