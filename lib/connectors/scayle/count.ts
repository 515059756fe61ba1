import { z } from "zod";
import type { Day } from "@/lib/domain/day";
import type { CountedRecord, SourceCount } from "../contract";
import { instant, key, optional, words } from "../wire-values";
import type { EntityPage } from "./transport";

const entity = z.object({
  id: key,
  referenceKey: words,
  createdAt: optional(instant),
  updatedAt: optional(instant),
});

/**
 * Counts the orders placed on some days (UTC) out of a listing of what changed since the first of them, which holds them
 * all: an order is never changed before it is placed. The Admin API states no total.
 */
export async function countOrders(
  pages: AsyncIterable<EntityPage>,
  { from, to }: Readonly<{ from: Day; to: Day }>,
): Promise<SourceCount> {
  const records: CountedRecord[] = [];
  let sourceTime: Date | null = null;
  for await (const { entities, answer } of pages) {
    sourceTime ??= answer.sourceTime;
    for (const raw of entities) {
      const record = recordOf(raw);
      // What doesn't say when it was placed is counted: better asked about once too often.
      if (record.day === null || (record.day >= from && record.day <= to)) records.push(record);
    }
  }
  const method =
    "orders listed again in pages of another size, from the first day on; SCAYLE states no total";
  return { method, records, stated: null, sourceTime };
}

function recordOf(raw: unknown): CountedRecord {
  const parsed = entity.safeParse(raw);
  if (!parsed.success) return { kind: "sale", sourceId: "", number: null, day: null, modifiedAt: null };
  const { id, referenceKey, createdAt, updatedAt } = parsed.data;
  return {
    kind: "sale",
    sourceId: id,
    number: referenceKey,
    day: createdAt?.toISOString().slice(0, 10) ?? null,
    modifiedAt: updatedAt,
  };
}
