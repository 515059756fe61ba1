import { randomUUID } from "node:crypto";
import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { addJob } from "@/lib/jobs/queue";
import { fixOf } from "./fix";
import { leverageSql } from "./leverage";

/** So many cards, those worth most, say what their fix would do without being asked. */
const CARDS = 3;
/** What was computed before the newest reconciliation is computed again, but not more often than this. */
const HOURS_LEAST = 6;
/** A population of more groups than this is gone through at night alone: syncs and reconciliations wait meanwhile. */
const GROUPS_BY_DAY = 50_000;
const NIGHT_UNTIL = 5;

/** Who asks where nobody did. */
const CLOCK = { id: "clock", name: "Tieout, by the clock" } as const;

/**
 * Has the effect of one fix computed of those that are worth most and were not computed yet, or before the newest reconciliation.
 * One at a time: what people do is held up for one at most. Returns the root cause, or null where nothing is due, one is
 * computed or waits already, or the population is too large to be gone through by day. It waits for syncs and reconciliations itself.
 */
export async function predictByClock(
  pool: pg.Pool,
  entityId: string,
  now: Date,
): Promise<Readonly<{ rootCauseId: string }> | null> {
  return inTransaction(pool, async (client) => {
    const { rows: entities } = await client.query<{ timeZone: string; busy: boolean; groups: number }>(
      `SELECT time_zone AS "timeZone",
              EXISTS (SELECT FROM root_cause_prediction WHERE entity_id = $1 AND state IN ('waiting', 'running')) AS busy,
              (SELECT count(*)::int FROM (SELECT FROM sales_order WHERE entity_id = $1 LIMIT ${GROUPS_BY_DAY + 1}) AS held) AS groups
         FROM entity WHERE id = $1`,
      [entityId],
    );
    const [entity] = entities;
    if (!entity || entity.busy) return null;
    if (entity.groups > GROUPS_BY_DAY && hourIn(now, entity.timeZone) >= NIGHT_UNTIL) return null;
    const due = await firstDue(client, entityId, dayIn(now, entity.timeZone), now);
    if (due === null) return null;
    const predictionId = randomUUID();
    await client.query(
      `INSERT INTO root_cause_prediction (id, entity_id, root_cause_id, state, asked_at, asked_by_id, asked_by)
       VALUES ($1, $2, $3, 'waiting', $4, $5, $6)`,
      [predictionId, entityId, due, now, CLOCK.id, CLOCK.name],
    );
    await addJob(client, "predict-fix", { predictionId }, { key: `predict:${due}` });
    return { rootCauseId: due };
  });
}

const hourIn = (at: Date, timeZone: string): number =>
  Number(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone }).format(at));

async function firstDue(
  client: pg.ClientBase,
  entityId: string,
  today: string,
  now: Date,
): Promise<string | null> {
  const { rows } = await client.query<{ id: string; cause: string; signature: string; due: boolean }>(
    `WITH ranked AS (
       SELECT a.root_cause_id, rank() OVER (PARTITION BY a.currency ORDER BY l.leverage DESC, a.root_cause_id) AS rank
         FROM root_cause_amount a, LATERAL (SELECT ${leverageSql("$2")} AS leverage) AS l WHERE a.entity_id = $1)
     SELECT r.id, r.cause, r.signature,
            p.asked_at IS NULL OR (p.asked_at < $3::timestamptz - interval '${HOURS_LEAST} hours'
              AND p.run_id IS DISTINCT FROM (SELECT id FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done'
                ORDER BY finished_at DESC LIMIT 1)) AS due
       FROM root_cause r JOIN (SELECT root_cause_id, min(rank) AS rank FROM ranked GROUP BY 1) m ON m.root_cause_id = r.id
       LEFT JOIN LATERAL (SELECT asked_at, run_id FROM root_cause_prediction p WHERE p.entity_id = $1 AND p.root_cause_id = r.id
         ORDER BY p.asked_at DESC LIMIT 1) AS p ON true
      WHERE r.entity_id = $1 AND r.open_count > 0 ORDER BY m.rank, r.open_count DESC, r.id LIMIT 50`,
    [entityId, today, now],
  );
  const shown = rows.filter(({ cause, signature }) => fixOf(cause, signature, "").computable).slice(0, CARDS);
  return shown.find((one) => one.due)?.id ?? null;
}
