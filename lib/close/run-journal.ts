import "server-only";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { faultOf } from "@/lib/connectors/fault";
import type { JournalTrace, JournalWrite, JournalWriter } from "@/lib/connectors/journal";
import { isRejected } from "@/lib/connectors/write";
import { claimPool, inTransaction, whileLocked } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { writeOf } from "./journal-posting";

/** Everything outside that posting a journal may touch. */
export type JournalContext = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  /** a connection of an entity, opened for journals; null: it can't post them any more. Throws Refusal where it can't be opened */
  open(
    entityId: string,
    connectionId: string,
  ): Promise<Readonly<{ system: string; writer: JournalWriter | null }>>;
}>;

type Row = Readonly<{
  id: string;
  attempt: number;
  entityId: string;
  connectionId: string;
  number: number;
  currency: string;
  postingDay: Day;
  lines: unknown;
  tries: number;
  nextAt: Date | null;
  askedById: string;
  askedBy: string;
}>;

/** How long it is waited for what the ERP took and does not show, or does not answer, one time after the other. */
const PATIENCE_SECONDS: readonly number[] = [3, 15, 60, 300, 900];

/**
 * Posts a journal as far as it comes now: look, send what comes next, look again, and once it is in the ledger hold what is read
 * there against what was approved. What has to be waited for is looked at by a later job. One that another process is at is left
 * to it. Twice is once: nothing is sent before it was looked whether it is there, and what was sent is kept before it goes.
 *
 * @throws what is no refusal: the job is tried again, and begins by looking
 */
export async function runJournal(journalId: string, context: JournalContext): Promise<void> {
  const done = await whileLocked(claimPool(), `journal:${journalId}`, async () => {
    const [row] = await due(context.pool, journalId);
    if (!row || (row.nextAt && row.nextAt > context.now())) return;
    await work(row, context);
  });
  if (done.locked) return;
  // Whoever is at it may die: somebody looks again.
  await inTransaction(context.pool, (client) => addJobLater(client, journalId, later(context.now(), 30)));
}

async function due(pool: pg.Pool, journalId: string): Promise<readonly Row[]> {
  const { rows } = await pool.query<Row>(
    `SELECT p.journal_id AS id, p.attempt, p.entity_id AS "entityId", p.connection_id AS "connectionId", j.number, j.currency,
            j.posting_day AS "postingDay", j.lines, p.tries, p.next_at AS "nextAt", p.asked_by_id AS "askedById", p.asked_by AS "askedBy"
       FROM journal_posting p JOIN journal j ON j.id = p.journal_id WHERE p.journal_id = $1 AND p.ended_at IS NULL`,
    [journalId],
  );
  return rows;
}

const later = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const addJobLater = (client: pg.ClientBase, journalId: string, runAt: Date): Promise<void> =>
  addJob(client, "post-journal", { journalId }, { key: `journal:${journalId}`, attempts: 25, runAt });

async function work(row: Row, context: JournalContext): Promise<void> {
  const { system, writer } = await context.open(row.entityId, row.connectionId);
  if (!writer) {
    await end(row, context, {
      state: "refused",
      outcome: `${system} can’t be written to any more from here.`,
    });
    return;
  }
  const write = writeOf(row);
  try {
    let seen = await writer.look(write, row.id);
    await keep(row, context, "looked", wordsOf(system, seen), placeOf(seen));
    for (;;) {
      if (seen.state === "done") {
        await finish(row, context, system, write, seen);
        return;
      }
      const waits = await waitsFor(row, context, system, writer, seen);
      if (waits) return;
      seen = await send(row, context, system, writer, write, seen);
    }
  } catch (error) {
    if (error instanceof Ended) return;
    if (!(error instanceof Refusal)) throw error;
    const why = saidBy(error, system);
    if (faultOf(error) === null || isRejected(error))
      await end(row, context, { state: "refused", outcome: `${why} Nothing was posted by this.` });
    else await wait(row, context, `${system} could not be looked at: ${why} Nothing is sent before that.`);
  }
}

/** That a posting ended, or waits, within a step. */
class Ended extends Error {}

/** Whether what was sent from here has to be waited for first; ends it where it was waited for long enough. */
async function waitsFor(
  row: Row,
  context: JournalContext,
  system: string,
  writer: JournalWriter,
  seen: JournalTrace,
): Promise<boolean> {
  const { rows } = await context.pool.query<{ at: Date; kind: string; place: string | null }>(
    `SELECT at, kind, place FROM journal_posting_step WHERE journal_id = $1 AND attempt = $2 AND kind IN ('sent', 'answered', 'lost')
      ORDER BY seq DESC LIMIT 2`,
    [row.id, row.attempt],
  );
  const [last, before] = rows;
  const sent = last?.kind === "sent" ? last : before?.kind === "sent" ? before : undefined;
  if (!last || sent?.place !== placeOf(seen)) return false;
  if (last.kind === "answered") {
    await wait(row, context, `${system} accepted it, and it has no effect yet.`);
    return true;
  }
  // Its answer was lost, or we died before it came: the system is given time to finish, then what is not there is sent again.
  const settled = new Date(sent.at.getTime() + writer.settles);
  if (context.now() >= settled) return false;
  await pause(row, context, settled);
  return true;
}

async function send(
  row: Row,
  context: JournalContext,
  system: string,
  writer: JournalWriter,
  write: JournalWrite,
  seen: JournalTrace,
): Promise<JournalTrace> {
  await keep(
    row,
    context,
    "sent",
    `Sent to ${system}: ${writer.next(write, row.id, seen) ?? "what is left"}`,
    placeOf(seen),
  );
  try {
    const next = await writer.advance(write, row.id, seen);
    await keep(row, context, "answered", `${system} took it. ${wordsOf(system, next)}`, placeOf(next));
    return next;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = saidBy(error, system);
    if (faultOf(error) === null || isRejected(error)) {
      await keep(row, context, "rejected", `${system} refused it: ${why}`, null);
      const rest =
        seen.state === "begun" ? ` Its draft (${seen.id}) is still there and counts for nothing.` : "";
      await end(row, context, { state: "refused", outcome: `${system} refused it: ${why}${rest}` });
    } else {
      await keep(row, context, "lost", `${why} Whether it was done is not known from that.`, null);
      await pause(row, context, later(context.now(), writer.settles / 1000));
    }
    throw new Ended();
  }
}

/** Holds what is read in the ledger against what was approved. */
async function finish(
  row: Row,
  context: JournalContext,
  system: string,
  write: JournalWrite,
  seen: Extract<JournalTrace, { state: "done" }>,
): Promise<void> {
  const differs = differenceOf(write, seen);
  await end(row, context, {
    state: differs === null ? "posted" : "differs",
    document: seen.number ?? seen.id,
    readBack: { postingDay: seen.postingDay, lines: seen.lines },
    outcome:
      differs === null
        ? `Posted in ${system} as ${seen.number ?? seen.id}, read back from its ledger: the same accounts and amounts on the same day.`
        : `It is in ${system} as ${seen.number ?? seen.id}, and not as it was approved: ${differs}`,
  });
}

/** What of the ledger's lines is other than approved, in a sentence; null where nothing is. Exported for its test. */
export function differenceOf(
  write: JournalWrite,
  seen: Pick<Extract<JournalTrace, { state: "done" }>, "postingDay" | "lines">,
): string | null {
  if (seen.postingDay !== write.postingDay)
    return `it was posted on ${seen.postingDay ?? "no day"} instead of ${write.postingDay}.`;
  const net = (lines: readonly Readonly<{ account: string; debit: bigint; credit: bigint }>[]) => {
    const sums = new Map<string, bigint>();
    for (const { account, debit, credit } of lines)
      sums.set(account, (sums.get(account) ?? 0n) + debit - credit);
    return sums;
  };
  const [asked, found] = [net(write.lines), net(seen.lines)];
  const off = [...new Set([...asked.keys(), ...found.keys()])].filter(
    (account) => (asked.get(account) ?? 0n) !== (found.get(account) ?? 0n),
  );
  return off.length === 0 ? null : `the amounts of account ${off.join(", ")} are others.`;
}

type Outcome = Readonly<{
  state: "posted" | "differs" | "refused";
  outcome: string;
  document?: string;
  readBack?: unknown;
}>;

/** Ends it, with its audit record, in one transaction. */
async function end(row: Row, { pool, now }: JournalContext, outcome: Outcome): Promise<void> {
  const at = now();
  const by: AuditActor = { kind: "person", id: row.askedById, name: row.askedBy };
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE journal_posting SET state = $3, ended_at = $4, outcome = $5, document = $6, read_back = $7::jsonb, next_at = NULL
        WHERE journal_id = $1 AND attempt = $2 AND ended_at IS NULL`,
      [
        row.id,
        row.attempt,
        outcome.state,
        at,
        outcome.outcome,
        outcome.document ?? null,
        outcome.readBack === undefined ? null : toJson(outcome.readBack),
      ],
    );
    if (!rowCount) return;
    await appendAudit(client, {
      chain: row.entityId,
      at,
      actor: by,
      action: outcome.state === "refused" ? "journal.not-posted" : "journal.posted",
      subject: `journal:${row.id}`,
      outcome: "done",
      before: { number: row.number, state: "approved" },
      after: { state: outcome.state, document: outcome.document ?? null, outcome: outcome.outcome },
    });
  });
}

/** Waits longer each time; in the end it says that it waited in vain. */
async function wait(row: Row, context: JournalContext, why: string): Promise<void> {
  const seconds = PATIENCE_SECONDS[row.tries];
  if (seconds === undefined) {
    await end(row, context, {
      state: "refused",
      outcome: `${why} Look in the ERP whether it is there before it is posted again.`,
    });
    return;
  }
  await context.pool.query(
    "UPDATE journal_posting SET tries = tries + 1 WHERE journal_id = $1 AND attempt = $2",
    [row.id, row.attempt],
  );
  await pause(row, context, later(context.now(), seconds));
}

async function pause(row: Row, { pool }: JournalContext, until: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      "UPDATE journal_posting SET next_at = $3, state = 'sending' WHERE journal_id = $1 AND attempt = $2 AND ended_at IS NULL",
      [row.id, row.attempt, until],
    );
    await addJobLater(client, row.id, until);
  });
}

async function keep(
  row: Row,
  { pool, now }: JournalContext,
  kind: string,
  text: string,
  place: string | null,
): Promise<void> {
  await pool.query(
    `WITH begun AS (UPDATE journal_posting SET state = 'sending' WHERE journal_id = $1 AND attempt = $2 AND state = 'queued')
     INSERT INTO journal_posting_step (journal_id, attempt, seq, at, kind, text, place)
     SELECT $1, $2, coalesce(max(seq), 0) + 1, $3, $4, $5, $6 FROM journal_posting_step WHERE journal_id = $1 AND attempt = $2`,
    [row.id, row.attempt, now(), kind, text, place],
  );
}

const placeOf = (seen: JournalTrace): string => (seen.state === "begun" ? `begun ${seen.place}` : seen.state);

function wordsOf(system: string, seen: JournalTrace): string {
  if (seen.state === "none") return `${system} has nothing of it.`;
  if (seen.state === "begun") return `${system} has a draft of it, which counts for nothing yet.`;
  return `${system} has it in its ledger${seen.number === null ? "" : ` as ${seen.number}`}.`;
}

/** What the other system said, or what went wrong between us, without its address. */
function saidBy(error: Refusal, system: string): string {
  const said = faultOf(error)?.sourceMessage;
  return (said ?? error.message.replace(/https?:\/\/[^\s,;]+/g, system)).replace(/\.?$/, ".");
}
