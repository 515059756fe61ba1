import { z } from "zod";
import type { Day } from "@/lib/domain/day";
import type { CountedRecord, Days, SourceCount } from "../contract";
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
export async function countOrders(pages: AsyncIterable<EntityPage>, days: Days): Promise<SourceCount> {
  const records: CountedRecord[] = [];
  let sourceTime: Date | null = null;
  for await (const { entities, answer } of pages) {
    sourceTime ??= answer.sourceTime;
    for (const raw of entities) {
      const record = recordOf(raw);
      if (isWithin(record.day, days)) records.push(record);
    }
  }
  const method =
    "orders listed again in pages of another size, from the first day on; SCAYLE states no total";
  return { method, records, stated: null, sourceTime };
}

/** Whether a raw order was placed on one of these days. */
export const isPlacedIn = (raw: unknown, days: Days): boolean => isWithin(recordOf(raw).day, days);

/** What doesn't say when it was placed belongs to any day: better asked about once too often. */
const isWithin = (day: Day | null, { from, to }: Days): boolean => day === null || (day >= from && day <= to);

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
