import type pg from "pg";
import { signatureOf } from "@/lib/causes/signature";
import { statusDrift } from "@/lib/causes/status-drift";
import { dayIn, dayName, monthOf } from "@/lib/domain/day";
import { durationWords } from "@/lib/domain/duration";
import { idOf } from "@/lib/domain/identity";
import {
  ENOUGH_CASES,
  JUDGED_DAYS,
  type Limit,
  limitOf,
  type Measured,
  waitingAs,
} from "@/lib/domain/status/lag";
import { isTransition, type Transition, transitionOf, transitions } from "@/lib/domain/status/transitions";
import type { Moment } from "../exceptions";
import type { Ownership } from "../ownership";
import type { EntityBooks } from "../settings";
import { keepStanding, type Standing } from "../standing";
import { loadNormal, measureNormal } from "./normal";

type Row = Readonly<{
  order_key: string;
  step: string;
  kind: "waiting" | "contradictory";
  since: Date;
  shop_id: string | null;
  channel: string | null;
  detail: Readonly<{
    items?: readonly string[];
    documents?: readonly string[];
    worth?: string;
    key?: string;
    says?: string;
  }>;
  reference: string;
  source_id: string;
  currency: string;
  raised: readonly string[];
}>;

/** Causes beside which nothing is said of an order's state: it is gone, or can't be read. */
const INSTEAD_OF_ALL = ["order-gone", "record-failed"];

/** The subject of an exception of this cause: which step of which order, by SCAYLE's id. */
export const subjectOfStep = (step: string, sourceId: string): string => `${step} ${sourceId}`;

/** The step that such a subject names. */
export const stepOfSubject = (subject: string): string => subject.split(" ")[0] ?? "";

/**
 * Measures what is normal, and brings the exceptions of `status-drift` up to what is stuck or contradicts itself as of the
 * reconciliation: what is late and normal raises none, what has come resolves its own. Inside the caller's transaction.
 */
export async function reconcileStatusDrift(
  client: pg.PoolClient,
  entity: EntityBooks,
  asOf: Date,
  { teams, moment, scope }: Readonly<{ teams: Ownership; moment: Moment; scope: string }>,
): Promise<void> {
  if (scope !== "groups")
    await measureNormal(client, entity.id, { asOf, at: moment.at, anew: scope === "all" });
  const normal = await loadNormal(client, entity.id);
  const rows = await openSteps(client, entity.id, asOf);
  const found = rows.flatMap((row) => {
    if ([...INSTEAD_OF_ALL].some((cause) => row.raised.includes(cause))) return [];
    if (row.kind === "contradictory") return [contradictory(row, entity, teams, moment)];
    if (!isTransition(row.step)) return [];
    const transition = transitionOf(row.step);
    if (transition.instead.some((cause) => row.raised.includes(cause))) return [];
    const measured = normal(row.shop_id, row.step);
    const limit = limitOf(transition, measured, entity.settings.postingLagHours);
    if (waitingAs(secondsSince(row.since, asOf), limit, measured) !== "stuck") return [];
    return [stuck(row, { transition, measured, limit }, entity, teams, moment)];
  });
  await keepStanding(
    client,
    entity.id,
    {
      cause: statusDrift,
      ownerTeam: teams(statusDrift.code, null),
      cleared: "The step has come, or is no longer due.",
    },
    found,
    moment,
  );
}

const secondsSince = (since: Date, asOf: Date): number => (asOf.getTime() - since.getTime()) / 1000;

/** Whether a step is stuck: what plans are made for. */
export const isStuck = (
  transition: Transition,
  since: Date,
  asOf: Date,
  measured: Measured | null,
  postingLagHours: number,
): boolean =>
  waitingAs(secondsSince(since, asOf), limitOf(transition, measured, postingLagHours), measured) === "stuck";

/**
 * Steps that wait for longer than 19 of 20 do, and what contradicts itself, with the causes that are raised for their orders: whatever
 * is stuck is among them, and what is on its way stays in the database.
 */
async function openSteps(client: pg.PoolClient, entityId: string, asOf: Date): Promise<readonly Row[]> {
  const judged = transitions.filter((one) => !one.isOfTheBooks);
  const { rows } = await client.query<Row>({
    name: "status-open-steps",
    text: `SELECT s.order_key, s.step, s.kind, s.since, s.shop_id, s.detail, o.channel, o.reference, o.source_id, o.currency,
              (SELECT coalesce(array_agg(DISTINCT e.cause), '{}') FROM exception e
                WHERE e.order_key = s.order_key AND e.state NOT IN ('resolved', 'explained')) AS raised
         FROM status_step s JOIN sales_order o ON o.order_key = s.order_key
         LEFT JOIN unnest($3::text[], $4::float8[]) AS t(step, floor) ON t.step = s.step
         LEFT JOIN status_normal n ON n.entity_id = s.entity_id AND n.shop_id = coalesce(s.shop_id, '') AND n.step = s.step
        WHERE s.entity_id = $1 AND (s.kind = 'contradictory' OR (s.kind = 'waiting' AND extract(epoch FROM $2::timestamptz - s.since)
                > greatest(t.floor, CASE WHEN n.cases >= ${ENOUGH_CASES} THEN n.p95_seconds ELSE 0 END) AND t.step IS NOT NULL))
          AND coalesce(o.placed_at, o.confirmed_at) >= $2::timestamptz - make_interval(days => ${JUDGED_DAYS}) ORDER BY s.order_key, s.step`,
    values: [entityId, asOf, judged.map((one) => one.code), judged.map((one) => one.floorHours * 3600)],
  });
  return rows;
}

function standingOf(row: Row, entity: EntityBooks, teams: Ownership, moment: Moment) {
  return {
    orderKey: row.order_key,
    subject: subjectOfStep(row.step, row.source_id),
    documentKind: row.step.includes("return") || row.step.includes("credit") ? "credit" : "sale",
    orderReference: row.reference,
    orderSourceId: row.source_id,
    documentNumber: row.detail.documents?.[0] ?? null,
    // A matter of today: it never keeps a month of before from being closed.
    period: monthOf(dayIn(moment.at, moment.timeZone)),
    currency: row.currency,
    place: {
      shopId: row.shop_id,
      channel: row.channel,
      businessDay: dayIn(row.since, entity.timeZone),
    },
    ownerTeam: teams(statusDrift.code, row.shop_id),
  } as const;
}

function contradictory(row: Row, entity: EntityBooks, teams: Ownership, moment: Moment): Standing {
  const says = row.detail.says ?? row.step;
  return {
    ...standingOf(row, entity, teams, moment),
    signature: signatureOf({ "missing step": row.step, shop: row.shop_id }),
    basis: idOf("status-drift", row.step),
    worth: 0n,
    matter: "contradicts itself",
    explanation: `Order ${row.reference} contradicts itself: ${says}.`,
    resolution:
      "Have SCAYLE’s support put the order’s state right: it can’t be set from outside. Then read it again.",
    steps: [
      `${says}.`,
      "SCAYLE’s states follow from shipments, cancellations and returns; none can be set as such.",
    ],
  };
}

type Judged = Readonly<{ transition: Transition; measured: Measured | null; limit: Limit }>;

function stuck(row: Row, judged: Judged, entity: EntityBooks, teams: Ownership, moment: Moment): Standing {
  const { transition } = judged;
  const { items = [], documents = [], worth = null, key } = row.detail;
  const since = dayName(dayIn(row.since, entity.timeZone));
  const what = items.length === 0 ? "" : items.length === 1 ? " (1 item)" : ` (${items.length} items)`;
  return {
    ...standingOf(row, entity, teams, moment),
    signature: signatureOf({ "missing step": transition.code, shop: row.shop_id }),
    basis: idOf("status-drift", row.step, row.since.toISOString(), ...items, key ?? ""),
    worth: worth === null ? null : BigInt(worth),
    matter: `missing: ${transition.from} → ${transition.to}`,
    explanation: `Order ${row.reference} is stuck since ${since}: ${transition.missing}${what}.${
      documents.length > 0 ? ` The ERP has ${documents.join(", ")}.` : ""
    } Who has to push it: ${transition.pusher}.`,
    resolution: transition.push,
    steps: [
      `Missing: ${transition.from} → ${transition.to}.`,
      `Since ${since}.`,
      measuredWords(judged),
      `Who has to push it: ${transition.pusher}. ${transition.push}`,
    ],
  };
}

/** From when on it is stuck, and why then. */
export function measuredWords({ measured, limit }: Omit<Judged, "transition">): string {
  const after = `It is stuck after ${durationWords(limit.seconds)}`;
  if (limit.from === "documented") return `${after}: as SCAYLE documents it; too few cases are measured.`;
  if (limit.from === "posting")
    return `${after}: as long as the ERP is given to post; too few cases are measured.`;
  const took =
    measured === null
      ? ""
      : ` In this shop it takes ${durationWords(measured.median)} (median); 19 of 20 come within ${durationWords(measured.p95)}, over ${measured.cases.toLocaleString("en")} cases.`;
  return limit.from === "floor" ? `${after}, and never sooner.${took}` : `${after}.${took}`;
}
