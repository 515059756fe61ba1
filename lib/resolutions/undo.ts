import type pg from "pg";
import { dayIn } from "@/lib/domain/day";
import type { Attempt } from "./attempts";
import type { Cannot, Plan } from "./contract";

const NOT_ALONE =
  "It can’t be taken back from here: what it did is undone only by hand, in the other system.";

/** The document that an attempt posted, where that is all it did; null otherwise. */
export const postedBy = ({ state, plan, undoesId }: Pick<Attempt, "state" | "plan" | "undoesId">) => {
  const [planned, ...others] = plan.writes;
  if (state !== "proved" || undoesId !== null || others.length > 0) return null;
  return planned?.write.kind === "post-document" ? planned.write.document : null;
};

/** What takes back what an attempt posted: the ERP's own reversal of that document. */
export async function undoPlanOf(client: pg.ClientBase, attempt: Attempt, now: Date): Promise<Plan | Cannot> {
  const document = postedBy(attempt);
  const [planned] = attempt.plan.writes;
  if (document === null || planned?.target !== "erp") return { cannot: NOT_ALONE };
  const { rows } = await client.query<{ sourceId: string; number: string; day: string | null; zone: string }>(
    `SELECT d.source_id AS "sourceId", d.number, d.posting_day AS day, e.time_zone AS zone
       FROM resolution_step s JOIN document d ON d.order_key = s.order_key AND d.connection_id = $3::uuid AND d.kind = $4 AND d.posted
            AND (d.source_id = s.data ->> 'id' OR d.number = s.data ->> 'number')
       JOIN entity e ON e.id = d.entity_id
      WHERE s.order_key = $1 AND s.attempt_id = $2 AND s.kind = 'done'`,
    [attempt.orderKey, attempt.id, planned.connectionId, document.kind],
  );
  const [posted] = rows;
  if (!posted) return { cannot: "The document that it posted is not there any more." };
  const { sourceId, number } = posted;
  return {
    sentence: `Takes back what was posted: reverses ${document.kind === "sale" ? "invoice" : "credit memo"} ${number} of order ${document.reference}.`,
    effect: "The document is reversed, and what was missing is missing again.",
    undo: "It can be posted again.",
    writes: [
      {
        target: "erp",
        connectionId: planned.connectionId,
        figures: null,
        write: {
          kind: "reverse-document",
          document: { kind: document.kind, sourceId, number, reference: document.reference },
          postingDay: posted.day ?? dayIn(now, posted.zone),
        },
      },
    ],
  };
}

/** Why what an undo would reverse is not there to be reversed, in a sentence; null where it is. */
export async function undoHolds(pool: pg.Pool, { orderKey, plan }: Attempt): Promise<string | null> {
  const [planned] = plan.writes;
  if (planned?.write.kind !== "reverse-document") return NOT_ALONE;
  const { sourceId, kind, number } = planned.write.document;
  const { rowCount } = await pool.query(
    `SELECT FROM document WHERE order_key = $1 AND connection_id = $2 AND source_id = $3 AND kind = $4 AND posted`,
    [orderKey, planned.connectionId, sourceId, kind],
  );
  return rowCount === 1 ? null : `${number} is not among the order’s posted documents any more.`;
}
