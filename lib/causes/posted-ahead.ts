import type { Group, GroupDocument } from "@/lib/domain/group";
import type { ErpFact, OrderFacts } from "@/lib/domain/status/facts";
import { judge } from "@/lib/domain/status/judge";
import { JUDGED_DAYS } from "@/lib/domain/status/lag";
import { type Claim, defineCause } from "./contract";
import { signatureOf } from "./signature";
import { keptUnits, surplusDocuments, waitingUnits } from "./surplus";
import { erpName, figures, itemsInWords } from "./words";
import { momentOf, type PostedDocument, sum, type Work } from "./work";

const DAY = 86_400_000;

/**
 * What the ERP has posted of goods of which SCAYLE was told nothing yet. Claimed only where `status-drift` watches over the order:
 * that it is stuck, and who has to push it, is said there.
 */
export const postedAhead = defineCause({
  code: "posted-ahead",
  title: "Posted ahead of SCAYLE",
  meaning:
    "The ERP posted items that SCAYLE shows as neither shipped nor cancelled, or credited items that SCAYLE, where it makes no invoices, still shows as sold.",
  defaultOwner: "operations",
  severity: "medium",
  bucket: "open",
  acceptance: "never",
  raises: false,
  resolution: "Tell SCAYLE what happened to the goods: the exception “Status stuck” of the order does.",
  manual:
    "The ERP is right and SCAYLE was not told: the amount stands in the books of one side only until it is. Nothing is to be posted. When it takes longer than normal, “Status stuck” is raised for the order.",
  structure: (work) => {
    if (!isWatched(work.group)) return [];
    const waits = new Set(judge(factsOf(work.group)).waiting.map((one) => one.transition));
    return [
      ...(waits.has("tell-shipment")
        ? surplusDocuments(work, "sale", waitingUnits(work)).map((one) =>
            claimOf(work, one, "has neither shipped nor cancelled them"),
          )
        : []),
      ...(waits.has("tell-return") && !work.group.invoicesEnabled
        ? surplusDocuments(work, "credit", keptUnits(work)).map((one) =>
            claimOf(work, one, "still shows them as sold"),
          )
        : []),
    ];
  },
});

/** Orders of long ago are not judged by their state: what is wrong with them is nobody's to push. */
function isWatched({ order, asOf }: Group): boolean {
  const placed = order?.createdAt ?? order?.confirmedAt ?? null;
  return placed !== null && placed.getTime() >= asOf.getTime() - JUDGED_DAYS * DAY;
}

function claimOf(work: Work, { document, lines }: PostedDocument, scayle: string): Claim {
  const goods = itemsInWords(lines.filter((line) => line.kind === "item"));
  const total = figures(sum(lines), document.currency);
  return {
    effect: { kind: "aside", lineIds: lines.map((line) => line.id) },
    subject: { documentKind: document.kind, sourceLine: document.sourceId, documentNumber: document.number },
    explanation: `The ERP posted ${goods} with ${erpName(document)}, ${total}; SCAYLE ${scayle}.`,
    steps: [],
    signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
  };
}

/** An order's facts out of its group; times of posting are days here, which suffices to say what waits. */
function factsOf(group: Group): OrderFacts {
  const { order } = group;
  const left = new Map((order?.packages ?? []).map((one) => [one.id, one.shippedAt]));
  return {
    orderKey: group.orderKey,
    sourceId: order?.id ?? "",
    reference: order?.reference ?? "",
    publicKey: order?.publicKey ?? null,
    expectsKey: false,
    invoicesEnabled: group.invoicesEnabled,
    status: order?.status ?? null,
    orderStatus: order?.orderStatus ?? null,
    billingStatus: order?.billingStatus ?? null,
    shippingStatus: order?.shippingStatus ?? null,
    packageStates: [],
    placedAt: order?.createdAt ?? null,
    confirmedAt: order?.confirmedAt ?? null,
    invoicedAt: order?.invoicedAt ?? null,
    units: (order?.items ?? []).map((item) => ({
      id: item.id,
      sku: item.sku,
      status: item.status,
      packageId: item.packageId,
      delegatedAt: item.delegatedAt ?? null,
      shippedAt: item.shippedAt ?? (item.packageId === null ? null : (left.get(item.packageId) ?? null)),
      cancelledAt: item.cancelledAt,
      returnedAt: item.returnedAt,
      gross: item.gross,
    })),
    erp: group.documents.filter((one) => one.side === "erp").flatMap((one) => erpFactOf(group, one)),
  };
}

function erpFactOf(group: Group, document: GroupDocument): readonly ErpFact[] {
  const day = momentOf(document);
  if (day === null) return [];
  const units: Record<string, number> = {};
  for (const line of group.lines)
    if (line.documentId === document.id && line.kind === "item" && line.granularity === "item")
      units[line.itemKey] = (units[line.itemKey] ?? 0) + Math.floor(line.quantity.abs().toNumber());
  const { kind, number, reference, originalNumber, status } = document;
  return [{ kind, number, reference, originalNumber, status, day, postedAt: null, units }];
}
