import type { PoolClient } from "pg";
import { addDays } from "@/lib/domain/day";
import { type DueRules, dueOf } from "@/lib/domain/due";
import { toJson } from "@/lib/domain/json";
import { exponentOf } from "@/lib/domain/money";
import { loadDueRules } from "@/lib/matching/due";
import { countExceptions } from "@/lib/matching/exception-tally";
import { OPEN_STATES } from "@/lib/matching/root-causes";

/** Open exceptions whose date is a rule's, with the day from which it counts: that of finding them, or of the last time they came back. */
const COUNTED = `
  SELECT e.order_key, e.id, e.currency, e.due, e.escalated_at,
         (greatest(e.first_seen_at, (SELECT max(v.at) FROM exception_event v WHERE v.order_key = e.order_key
            AND v.exception_id = e.id AND v.kind = 'reopened')) AT TIME ZONE n.time_zone)::date AS found, e.business_day,
         coalesce((SELECT max(greatest(abs((a ->> 'net')::bigint), abs((a ->> 'tax')::bigint), abs((a ->> 'gross')::bigint)))
            FROM jsonb_array_elements(e.amounts) AS a), 0) AS worth
    FROM exception e JOIN entity n ON n.id = e.entity_id
   WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES} AND e.due IS NOT NULL AND NOT e.due_by_hand
     AND ($2::text IS NULL OR e.currency = $2)`;
/** Whether it was old when it was found (column aged), by the days in a parameter; null: age does not count. */
const aged = (days: string) =>
  `(SELECT c.*, coalesce(c.found - c.business_day > ${days}::int, false) AS aged FROM (${COUNTED}) AS c)`;

/**
 * Gives the open exceptions of an entity the dates that its rules and calendar make now, earlier or later, in one statement;
 * those whose date a person set keep it. Only those of a currency, where one is given. Returns how many have another date.
 */
export async function applyDue(
  client: PoolClient,
  { entityId, currency }: Readonly<{ entityId: string; currency: string | null }>,
  actor: Readonly<{ id: string; name: string }>,
  now: Date,
): Promise<number> {
  const rules = await loadDueRules(client, entityId);
  const { rows } = await client.query<Band>(
    `SELECT DISTINCT found, currency, aged FROM ${aged("$3")} AS counted`,
    [entityId, currency, rules.olderThan],
  );
  const bands = rows.flatMap((row) => bandsOf(rules, row));
  const { rows: told } = await client.query<{ orderKey: string }>(
    `WITH counted AS (SELECT * FROM ${aged("$7")} AS counted),
     moves AS (
       SELECT c.order_key, c.id, c.due AS was, b.due, b.why
         FROM counted c JOIN json_to_recordset($3::json) AS b(found date, currency text, aged boolean, "from" bigint, until bigint, due date, why text)
           ON b.found = c.found AND b.currency = c.currency AND b.aged = c.aged AND c.worth >= b."from" AND (b.until IS NULL OR c.worth < b.until)
        WHERE c.due <> b.due),
     moved AS (
       UPDATE exception e SET due = m.due, due_why = m.why, version = e.version + 1,
              escalated_at = CASE WHEN m.due >= ($4::timestamptz AT TIME ZONE n.time_zone)::date THEN NULL ELSE e.escalated_at END,
              escalated_to_id = CASE WHEN m.due >= ($4::timestamptz AT TIME ZONE n.time_zone)::date THEN NULL ELSE e.escalated_to_id END
         FROM moves m, entity n WHERE n.id = $1 AND e.order_key = m.order_key AND e.id = m.id RETURNING e.order_key, e.id, m.was, m.due)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     SELECT order_key, gen_random_uuid(), id, $4::timestamptz, $5::text, $6::text, 'due',
            'Due ' || due || ', was ' || was || ': how long exceptions may take was changed.' FROM moved
     RETURNING order_key AS "orderKey"`,
    [entityId, currency, toJson(bands), now, actor.name, actor.id, rules.olderThan],
  );
  await countExceptions(
    client,
    told.map((one) => one.orderKey),
    now,
  );
  return told.length;
}

/** Exceptions that the same steps hold for: found on one day, in one currency, old then or not. */
type Band = Readonly<{ found: string; currency: string; aged: boolean }>;

/** The dates of one day and currency by how much it is about: from so many minor units on, up to the next. */
function bandsOf(rules: DueRules, { found, currency, aged: isOld }: Band) {
  const unit = 10n ** BigInt(exponentOf(currency));
  const steps = rules.steps.get(currency) ?? rules.steps.get("*") ?? [];
  // Nothing at all is a band of its own: it is told in other words.
  const starts = [...new Set([0n, 1n, ...steps.map((step) => step.fromMajor * unit)])].sort((a, b) =>
    a < b ? -1 : 1,
  );
  return starts.map((from, index) => {
    // A day that is old enough, or that day itself.
    const businessDay = isOld ? addDays(found, -(rules.olderThan ?? 0) - 1) : found;
    const due = dueOf(
      rules,
      { at: new Date(`${found}T12:00:00Z`), timeZone: "UTC", businessDay },
      from,
      currency,
    );
    return {
      found,
      currency,
      aged: isOld,
      from,
      until: starts[index + 1] ?? null,
      due: due.day,
      why: due.why,
    };
  });
}
