import { z } from "zod";
import type { Day } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
import type { CountedRecord, SourceCount } from "../contract";
import { instant, key, optional, words } from "../wire-values";
import type { Transport } from "./transport";
import { day, WIRE } from "./wire";

/** Ids are short: many go into a page. */
const PAGE_SIZE = 1000;

const entity = z.object({
  id: key,
  number: words,
  postingDate: day,
  lastModifiedDateTime: optional(instant),
});
const total = z.object({ "@odata.count": optional(z.coerce.number().int()) });

/**
 * Counts the documents posted on some days: listed by posting date and not by time of change, without their lines, in
 * pages of another size than the sync's, and with the total that the API itself states (`$count`).
 */
export async function countDocuments(
  transport: Transport,
  company: string,
  { from, to }: Readonly<{ from: Day; to: Day }>,
): Promise<SourceCount> {
  const records: CountedRecord[] = [];
  let stated: number | null = 0;
  let sourceTime: Date | null = null;
  for (const kind of ["sale", "credit"] as const satisfies readonly DocumentKind[]) {
    let first = true;
    const query = {
      $select: "id,number,postingDate,lastModifiedDateTime",
      $filter: `postingDate ge ${from} and postingDate le ${to}`,
      $count: "true",
    };
    for await (const { entities, answer } of transport.pages(
      `${company}/${WIRE.sets[kind].name}`,
      query,
      PAGE_SIZE,
    )) {
      sourceTime ??= answer.sourceTime;
      if (first) {
        const said: number | null = total.safeParse(answer.body).data?.["@odata.count"] ?? null;
        stated = stated === null || said === null ? null : stated + said;
      }
      first = false;
      records.push(...entities.map((one) => recordOf(kind, one)));
    }
  }
  return {
    method: "documents by posting date, ids only, with the total that Business Central states",
    records,
    stated,
    sourceTime,
  };
}

/** A record that doesn't even say its id still counts; it is then known by nothing. */
function recordOf(kind: DocumentKind, raw: unknown): CountedRecord {
  const parsed = entity.safeParse(raw);
  if (!parsed.success) return { kind, sourceId: "", number: null, day: null, modifiedAt: null };
  const { id, number, postingDate, lastModifiedDateTime } = parsed.data;
  return { kind, sourceId: id, number, day: postingDate, modifiedAt: lastModifiedDateTime };
}
