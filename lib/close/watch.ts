import type pg from "pg";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction } from "@/lib/db/pool";

/** Closes again the months of an entity whose time to stay open is over, each with its record. Done twice it does nothing more. */
export async function endReopenings(pool: pg.Pool, entityId: string, now: Date): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ month: string }>(
      "SELECT * FROM tieout_end_reopenings($1, $2) AS month",
      [entityId, now],
    );
    for (const { month } of rows) {
      await appendAudit(client, {
        chain: entityId,
        at: now,
        actor: { kind: "machine", id: "clock", name: "Calendar" },
        action: "period.close-again",
        subject: `period:${entityId}/${month}`,
        outcome: "done",
        before: { state: "open" },
        after: { state: "closed", why: "The time for which it was reopened is over." },
      });
    }
    return rows.length;
  });
}
