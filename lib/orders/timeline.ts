import { formatAmount } from "@/lib/domain/money";
import { isCreditNote } from "@/lib/domain/order";
import { upperFirst } from "@/lib/domain/words";
import type { DocumentMoment, ExceptionMoment, OrderDocument, OrderHead } from "./data";

/** One thing that happened to an order, in either system or here. */
export type OrderMoment = Readonly<{
  key: string;
  at: Date;
  where: "SCAYLE" | "ERP" | "Tieout";
  text: string;
  /** a person's words, where there are some */
  note: string | null;
}>;

/** One timeline for both systems and for what was done here, newest first. */
export function timelineOf(
  order: OrderHead | null,
  documents: readonly OrderDocument[],
  versions: readonly DocumentMoment[],
  exceptions: readonly Readonly<ExceptionMoment & { title: string }>[],
): readonly OrderMoment[] {
  const moments = [
    ...(order ? momentsOf(order) : []),
    ...versions.flatMap((version) => momentOfVersion(version, documents)),
    ...exceptions.map(
      (one, index): OrderMoment => ({
        key: `exception-${one.exceptionId}-${index}`,
        at: one.at,
        where: "Tieout",
        text: `${one.title}: ${one.cause === "question" && one.kind === "found" ? "asked" : (did[one.kind] ?? one.kind)} by ${one.actorName}`,
        note: one.text,
      }),
    ),
  ];
  return moments.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.key < b.key ? -1 : 1));
}

/** What was done to an exception, where its kind is not the word for it. */
const did: Readonly<Record<string, string>> = {
  "handed-over": "handed over",
  "passed-back": "passed back",
  taken: "taken over",
  started: "work begun",
  waiting: "left to wait",
  woken: "taken up again",
  undone: "taken back",
  "acceptance-asked": "acceptance asked for",
  "acceptance-rejected": "acceptance rejected",
};

function momentsOf(order: OrderHead): OrderMoment[] {
  const moments: OrderMoment[] = [];
  const add = (key: string, at: Date | null, text: string) => {
    if (at) moments.push({ key, at, where: "SCAYLE", text, note: null });
  };
  const { content } = order;
  add("placed", order.placedAt, "Order placed");
  add("confirmed", order.confirmedAt, "Order confirmed");
  add("invoiced", content.invoicedAt, "Order invoiced");
  const shippedWith = new Map(content.packages.map((one) => [one.id, one.shippedAt]));
  for (const item of content.items) {
    const what = `${item.name ?? item.sku ?? "Item"}${item.gross === null ? "" : ` (${formatAmount(item.gross, order.currency)} ${order.currency})`}`;
    add(
      `${item.id}-shipped`,
      item.shippedAt ?? shippedWith.get(item.packageId ?? "") ?? null,
      `${what} shipped`,
    );
    add(`${item.id}-cancelled`, item.cancelledAt, `${what} cancelled`);
    add(`${item.id}-returned`, item.returnedAt, `${what} came back`);
  }
  for (const invoice of order.invoices ?? []) {
    add(
      `invoice-${invoice.id}`,
      invoice.createdAt,
      `${isCreditNote(invoice.type) ? "Credit note" : upperFirst(invoice.type.replaceAll("_", " "))} ${invoice.number ?? ""} made`,
    );
  }
  return moments;
}

const reasons: Readonly<Record<string, string>> = {
  created: "first read",
  changed: "changed at its source",
  rekeyed: "linked to this order",
  gone: "no longer at its source",
  "posted-changed": "changed after it was posted",
  withdrawn: "no longer in the ledger",
};

function momentOfVersion(version: DocumentMoment, documents: readonly OrderDocument[]): OrderMoment[] {
  const document = documents.find((one) => one.id === version.documentId);
  const where = document?.side === "scayle" ? ("SCAYLE" as const) : ("ERP" as const);
  const name = document ? `${document.kind === "sale" ? "Sale" : "Credit"} ${document.number}` : "A document";
  return [
    {
      key: `version-${version.documentId}-${version.version}`,
      at: version.seenAt,
      where: document ? where : "Tieout",
      text: `${name} ${reasons[version.reason] ?? version.reason} (version ${version.version})`,
      note: null,
    },
  ];
}
