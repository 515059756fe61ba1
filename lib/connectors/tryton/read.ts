import type { BookDocument } from "@/lib/domain/document";
import { objectOf } from "@/lib/domain/json";
import type { Reading } from "../contract";
import { unreadable } from "../wire-values";
import { documentControls } from "./control";
import { modifiedAtOf, sourceIdOf, standingOf, translateDocument } from "./translate";
import { timestamp } from "./values";
import { type DocumentWire, documentWire, invoiceWire } from "./wire";

/** An invoice's records as they came, before anybody looked into them. */
export type RawDocument = Readonly<Record<Exclude<keyof DocumentWire, "part">, unknown>>;

/**
 * An invoice as one reading, or as two where it was cancelled in a later month than it was posted in. Nothing personal is
 * asked of Tryton, so nothing is split off.
 */
export function readDocuments(raw: RawDocument): readonly Reading<BookDocument>[] {
  const invoice = invoiceWire.safeParse(raw.invoice);
  const parts: readonly DocumentWire["part"][] =
    invoice.success && standingOf(invoice.data).isReversedLater ? ["invoice", "cancellation"] : ["invoice"];
  return parts.map((part) => readPart({ part, ...raw }));
}

function readPart(payload: RawDocument & Pick<DocumentWire, "part">): Reading<BookDocument> {
  const parsed = documentWire.safeParse(payload);
  const label = labelOf(payload);
  return {
    ...label,
    payload,
    personal: null,
    controls: documentControls(payload, label.sourceId),
    result: parsed.success ? translateDocument(parsed.data) : unreadable(parsed.error, payload),
  };
}

function labelOf({ part, invoice, lines }: RawDocument & Pick<DocumentWire, "part">) {
  const record = objectOf(invoice);
  const [id, number] = [record["id"], record["number"]];
  const rows = Array.isArray(lines) ? lines.map(objectOf) : [];
  return {
    sourceId: typeof id === "number" ? sourceIdOf(id, part) : "",
    reference: typeof number === "string" && number.trim() !== "" ? number.trim() : null,
    modifiedAt: modifiedAtOf(datesOf(record), rows.map(datesOf)),
  };
}

const datesOf = (record: Readonly<Record<string, unknown>>) => ({
  create_date: timestamp.safeParse(record["create_date"]).data ?? null,
  write_date: timestamp.safeParse(record["write_date"]).data ?? null,
});
