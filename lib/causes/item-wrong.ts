import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { baseSum, isPricedByItself, isSameNetPrice, policyOf, retaxed } from "./corrections";
import { isTakenApart } from "./hand-pairs";
import { isSameRate, quantityText } from "./numbers";
import { signatureOf } from "./signature";
import { erpName, figures } from "./words";
import { documentLines, documentOf, excess, linesOf, minusSums, sum, units, type Work } from "./work";

export const itemWrong = defineCause({
  code: "item-wrong",
  title: "Item wrong",
  meaning: "The ERP has the units under an item that the mapping does not give SCAYLE's product.",
  defaultOwner: "operations",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words: "The ERP's invoice has another item than the order",
    customer: "We are checking the invoice",
    next: "Correct the item of the invoice.",
  },
  resolution: "Correct the item of the ERP line, or the item mapping.",
  manual:
    "SCAYLE sold a product, the ERP posted as many units of another item, and neither side has anything else of either. The money may be right to the cent; stock and margin are not. Where it happens for one product again and again, the item mapping lacks a line.",
  structure: (work) => [...claimsFor(work, "sale"), ...claimsFor(work, "credit")],
});

type Shelf = Readonly<{ key: string; quantity: number; lines: readonly GroupLine[] }>;

function claimsFor(work: Work, kind: DocumentKind): readonly Claim[] {
  if (![...excess(work, kind).values()].some((surplus) => surplus > 0)) return [];
  const [ofScayle, ofErp] = [units(linesOf(work, "scayle", kind)), units(linesOf(work, "erp", kind))];
  const foreign = [...ofErp.keys()].filter((key) => !ofScayle.has(key));
  if (foreign.length === 0) return [];
  const ordered = new Set((work.group.order?.items ?? []).map((item) => item.sku));
  const shelf = (side: "scayle" | "erp", key: string, quantity: number): Shelf => ({
    key,
    quantity,
    lines: linesOf(work, side, kind).filter((line) => line.itemKey === key),
  });
  const strangers = foreign
    .filter((key) => !ordered.has(key) && !isTakenApart(key))
    .sort()
    .map((key) => shelf("erp", key, ofErp.get(key) ?? 0));
  let wanted = [...ofScayle.keys()]
    .filter((key) => !ofErp.has(key))
    .sort()
    .map((key) => shelf("scayle", key, ofScayle.get(key) ?? 0));
  return strangers.flatMap((stranger) => {
    const match = counterpart(work, stranger, strangers, wanted);
    if (!match) return [];
    wanted = wanted.filter((one) => one !== match);
    return claimOf(work, match, stranger);
  });
}

/** The item it stands for: as many units for as much money; at its own price only where no other item could be meant. */
function counterpart(
  work: Work,
  stranger: Shelf,
  strangers: readonly Shelf[],
  wanted: readonly Shelf[],
): Shelf | null {
  const alike = wanted.filter(
    (one) => one.quantity === stranger.quantity && one.lines[0]?.currency === stranger.lines[0]?.currency,
  );
  const document = stranger.lines[0] ? documentOf(work, stranger.lines[0]) : null;
  const policy = document && policyOf(work, document);
  // Where the ERP's prices come without tax, its gross is a cent off by rounding: as much money is as much net.
  const sameBase =
    policy?.basis === "net"
      ? alike.find(
          ({ lines }) =>
            baseSum(lines, policy) === baseSum(stranger.lines, policy) ||
            isSameNetPrice(lines, stranger.lines, policy),
        )
      : undefined;
  const same = sameBase ?? alike.find((one) => sum(one.lines).gross === sum(stranger.lines).gross);
  if (same) return same;
  const isOnly =
    alike.length === 1 && strangers.filter((one) => one.quantity === stranger.quantity).length === 1;
  const ownPrice = policy !== null && stranger.lines.every((line) => isPricedByItself(line, policy));
  return isOnly && ownPrice ? (alike[0] ?? null) : null;
}

function claimOf(work: Work, wanted: Shelf, stranger: Shelf): readonly Claim[] {
  const document = stranger.lines[0] ? documentOf(work, stranger.lines[0]) : null;
  if (!document) return [];
  const lines = asWanted(work, wanted, stranger);
  const currency = stranger.lines[0]?.currency ?? "";
  const amounts = minusSums(lines, stranger.lines);
  return [
    {
      effect: { kind: "recast", lines },
      subject: {
        documentKind: document.kind,
        sourceLine: `${document.sourceId} ${stranger.key}`,
        documentNumber: document.number,
      },
      explanation: `SCAYLE has ${quantityText(wanted.quantity)} × ${wanted.key}; ${erpName(document)} has ${quantityText(stranger.quantity)} × ${stranger.key} in their place. Difference ${figures(amounts, currency)}.`,
      steps: [
        `SCAYLE: ${quantityText(wanted.quantity)} × ${wanted.key}, ${figures(sum(wanted.lines), currency)}; none of ${stranger.key} in the whole order.`,
        `ERP: ${quantityText(stranger.quantity)} × ${stranger.key}, ${figures(sum(stranger.lines), currency)}; none of ${wanted.key}.`,
      ],
      signature: signatureOf({ item: wanted.key, "posted as": stranger.key }),
      missing: [{ kind: "item", itemKey: stranger.key, sku: wanted.key }],
    },
  ];
}

/** The ERP's lines as the right item's: at SCAYLE's price and rate where theirs is another. */
function asWanted(work: Work, wanted: Shelf, stranger: Shelf): readonly GroupLine[] {
  const renamed = stranger.lines.map((line) => ({ ...line, itemKey: wanted.key }));
  const last = renamed.at(-1);
  const document = last ? documentOf(work, last) : null;
  if (!last || !document) return renamed;
  const policy = policyOf(work, document);
  const gap = baseSum(wanted.lines, policy) - baseSum(stranger.lines, policy);
  const rate = wanted.lines[0]?.taxRate ?? last.taxRate;
  const isRated = last.taxRate !== null && rate !== null && isSameRate(last.taxRate, rate);
  if (sum(wanted.lines).gross === sum(stranger.lines).gross && isRated) return renamed;
  const base = (policy.basis === "gross" ? last.gross : (last.net ?? last.gross)) + gap;
  const [corrected = last] = retaxed(documentLines(work, document.id), [{ line: last, base, rate }], policy);
  return [...renamed.slice(0, -1), corrected];
}
