import "server-only";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { JournalPlan, JournalWrite } from "@/lib/connectors/journal";
import { ledgerConnectors } from "@/lib/connectors/registry";
import type { WireRequest } from "@/lib/connectors/write";
import { ownerPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { linesOf } from "./journals";
import type { PostJournal } from "./schema";
import type { CloseContext } from "./signing";

/** What a connection to the ERP says of journals. */
export type JournalPlace = Readonly<{
  id: string;
  name: string;
  /** null: journals are posted through it; else why not */
  lacks: string | null;
  plan: JournalPlan;
}>;

const FROM_FILES: JournalPlan = {
  lacks: "Its books are read from files: nothing is posted through it.",
  requests: () => [],
};

/** The ERP's connections of an entity, each with what it says of journals. */
export async function findJournalPlaces(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<readonly JournalPlace[]> {
  const { rows } = await client.query<{ id: string; kind: string; name: string; settings: unknown }>(
    `SELECT id, kind, name, settings FROM connection
      WHERE entity_id = $1 AND side = 'erp' AND retired_at IS NULL ORDER BY name, id`,
    [entityId],
  );
  return rows.map(({ id, kind, name, settings }) => {
    const plan = ledgerConnectors.get(kind)?.journalsOf(settings) ?? FROM_FILES;
    return { id, name, lacks: plan.lacks, plan };
  });
}

/** A journal as it is posted. */
export const writeOf = (
  journal: Readonly<{ currency: string; postingDay: Day; number: number; lines: unknown }>,
): JournalWrite => ({
  currency: journal.currency,
  postingDay: journal.postingDay,
  text: `Tieout journal ${journal.number}`,
  lines: linesOf(journal.lines),
});

type Held = Readonly<{
  id: string;
  reverses: string | null;
  number: number;
  currency: string;
  postingDay: Day;
  lines: unknown;
  state: string;
  books: boolean;
  exportedAt: Date | null;
  exportedBy: string | null;
  entityCurrency: string;
}>;

const JOURNAL = `SELECT j.id, j.reverses, j.number, j.currency, j.posting_day AS "postingDay", j.lines, j.state, j.books, j.exported_at AS "exportedAt",
    j.exported_by AS "exportedBy", e.currency AS "entityCurrency" FROM journal j JOIN entity e ON e.id = j.entity_id
   WHERE j.entity_id = $1`;

/**
 * Has an approved journal posted in the ERP, and with it the one that takes it back: each is claimed once, sent step by step by a
 * job, and read back. Pressed twice it is posted once.
 *
 * @throws Refusal `not-allowed`; `not-found`; `conflict` where it is not approved, was handed over as a file, or is posted or being
 *   posted already; `invalid` where the connection can't post it
 */
export async function postJournal(
  actor: Actor,
  { entityId, id, connectionId }: PostJournal,
  { now, pool = ownerPool() }: CloseContext,
): Promise<Readonly<{ numbers: readonly number[] }>> {
  assertMay(actor, "journals.propose", entityId);
  const post = async (client: pg.PoolClient) => {
    const { rows } = await client.query<Held>(
      `${JOURNAL} AND (j.id = $2 OR (j.reverses = $2 AND j.state = 'approved')) ORDER BY j.number FOR UPDATE OF j`,
      [entityId, id],
    );
    const own = rows.find((row) => row.id === id);
    if (!own) throw new Refusal("not-found", "There is no such journal in this entity.");
    if (own.state !== "approved")
      throw new Refusal(
        "conflict",
        `Only what a second person approved is posted: this journal is ${own.state}.`,
      );
    if (!own.books)
      throw new Refusal("conflict", `Journal ${own.number} is the decision that nothing is booked.`);
    const place = (await findJournalPlaces(client, entityId)).find((one) => one.id === connectionId);
    if (!place) throw new Refusal("not-found", "There is no such connection in use.");
    if (place.lacks !== null) throw new Refusal("invalid", place.lacks);
    const taken = await takenOf(
      client,
      rows.map((row) => row.id),
    );
    if (taken.has(id)) throw new Refusal("conflict", `Journal ${own.number} is ${taken.get(id)} already.`);
    if (own.reverses !== null) await assertOriginalPosted(client, own, own.reverses);
    const due = rows.filter((row) => row.id === id || (!taken.has(row.id) && row.exportedAt === null));
    for (const row of due) await claim(client, actor, { entityId, place, row, now });
    const numbers = due.map((row) => row.number);
    return {
      result: { numbers },
      change: {
        action: "journal.post",
        subject: `journal:${id}`,
        before: null,
        after: { numbers, connection: place.name },
      },
    };
  };
  return audited(actor, entityId, post, { pool, now });
}

/** Why a journal that takes another back is not posted where that one was handed over as a file. */
export const takesBackFile = (number: number, original: number): string =>
  `Journal ${number} takes back journal ${original}, which was handed over as a file: take it in the same way, so that both stand in the ERP.`;

/** Ends the act where what a journal takes back is not posted from here: alone it would book the opposite of nothing. */
async function assertOriginalPosted(client: pg.ClientBase, own: Held, original: string): Promise<void> {
  const { rows } = await client.query<{ number: number; exportedAt: Date | null }>(
    `SELECT number, exported_at AS "exportedAt" FROM journal WHERE id = $1 FOR UPDATE`,
    [original],
  );
  const [taken] = rows;
  if (!taken) throw new Refusal("not-found", "What it takes back is not known.");
  if (taken.exportedAt) throw new Refusal("conflict", takesBackFile(own.number, taken.number));
  if (!(await takenOf(client, [original])).has(original))
    throw new Refusal(
      "conflict",
      `Post journal ${taken.number} first: journal ${own.number} takes it back and goes with it.`,
    );
}

const STATES: Readonly<Record<string, string>> = {
  queued: "being posted",
  sending: "being posted",
  posted: "posted",
  differs: "posted, with other lines than were approved",
};

async function takenOf(client: pg.ClientBase, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; state: string }>(
    "SELECT journal_id AS id, state FROM journal_posting WHERE journal_id = ANY ($1::uuid[]) AND state <> 'refused'",
    [ids],
  );
  return new Map(rows.map(({ id, state }) => [id, STATES[state] ?? state]));
}

async function claim(
  client: pg.ClientBase,
  actor: Actor,
  { entityId, place, row, now }: Readonly<{ entityId: string; place: JournalPlace; row: Held; now: Date }>,
): Promise<void> {
  if (row.exportedAt)
    throw new Refusal(
      "conflict",
      `Journal ${row.number} was handed over as a file by ${row.exportedBy}: posted here too it would count twice.`,
    );
  if (row.currency !== row.entityCurrency)
    throw new Refusal(
      "invalid",
      `Journal ${row.number} is in ${row.currency}, and journals are posted in the company’s own currency (${row.entityCurrency}). Export it as CSV.`,
    );
  await client.query(
    `INSERT INTO journal_posting (journal_id, attempt, entity_id, connection_id, requests, asked_at, asked_by_id, asked_by)
     SELECT $1, coalesce(max(attempt), 0) + 1, $2, $3, $4::jsonb, $5, $6, $7 FROM journal_posting WHERE journal_id = $1`,
    [
      row.id,
      entityId,
      place.id,
      toJson(place.plan.requests(writeOf(row), row.id)),
      now,
      actor.id,
      actor.name,
    ],
  );
  await addJob(client, "post-journal", { journalId: row.id }, { key: `journal:${row.id}`, attempts: 25 });
}

/** One thing that was done of a posting. */
export type PostingStep = Readonly<{ at: Date; kind: string; text: string }>;

/** The newest posting of a journal as the page shows it. */
export type Posting = Readonly<{
  journalId: string;
  connection: string;
  state: "queued" | "sending" | "posted" | "differs" | "refused";
  requests: readonly WireRequest[];
  askedAt: Date;
  askedBy: string;
  endedAt: Date | null;
  document: string | null;
  outcome: string | null;
  steps: readonly PostingStep[];
}>;

/** The newest posting of each of some journals. */
export async function findPostings(
  client: pg.ClientBase | pg.Pool,
  journalIds: readonly string[],
): Promise<readonly Posting[]> {
  const { rows } = await client.query<
    Omit<Posting, "steps"> & { steps: readonly { at: string; kind: string; text: string }[] }
  >(
    `SELECT DISTINCT ON (p.journal_id) p.journal_id AS "journalId", c.name AS connection, p.state, p.requests, p.asked_at AS "askedAt",
            p.asked_by AS "askedBy", p.ended_at AS "endedAt", p.document, p.outcome, coalesce((
              SELECT jsonb_agg(jsonb_build_object('at', s.at, 'kind', s.kind, 'text', s.text) ORDER BY s.seq) FROM journal_posting_step s
               WHERE s.journal_id = p.journal_id AND s.attempt = p.attempt), '[]') AS steps
       FROM journal_posting p JOIN connection c ON c.id = p.connection_id
      WHERE p.journal_id = ANY ($1::uuid[]) ORDER BY p.journal_id, p.attempt DESC`,
    [journalIds],
  );
  return rows.map((row) => ({
    ...row,
    steps: row.steps.map((step) => ({ ...step, at: new Date(step.at) })),
  }));
}
