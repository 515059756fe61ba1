import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/** Whether what a lock holds is still what was locked. */
export type LockState = Readonly<{ intact: boolean; why: string | null; rows: bigint; digest: string }>;

/** Makes every digest of a lock again from its rows, and its figures too. */
export async function verifyLock(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
  lockNo: number,
): Promise<LockState> {
  const { rows } = await client.query<{
    place: string | null;
    rows: bigint;
    digest: string;
    figures: boolean;
  }>(
    `WITH now AS MATERIALIZED (SELECT * FROM tieout_locked_digests($1, $2, $3)),
     apart AS (
       SELECT coalesce(n.source, k.source) || 's, part ' || coalesce(n.part, k.part) AS place
         FROM now n FULL JOIN (SELECT * FROM locked_digest WHERE entity_id = $1 AND month = $2 AND lock_no = $3) k
           ON k.source = n.source AND k.part = n.part
        WHERE (n.rows, n.digest) IS DISTINCT FROM (k.rows, k.digest) ORDER BY 1 LIMIT 1)
     SELECT (SELECT place FROM apart) AS place, (SELECT coalesce(sum(rows), 0) FROM now)::bigint AS rows, p.digest,
            p.figures = tieout_locked_figures($1, $2, $3) AS figures
       FROM locked_period p WHERE p.entity_id = $1 AND p.month = $2 AND p.lock_no = $3`,
    [entityId, month, lockNo],
  );
  const [found] = rows;
  if (!found) return { intact: false, why: "There is no such lock.", rows: 0n, digest: "" };
  const why = found.place
    ? `Its ${found.place} are not as they were locked.`
    : found.figures
      ? null
      : "Its rows do not add up to its figures.";
  return { intact: why === null, why, rows: found.rows, digest: found.digest };
}
