import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { addDays, type Day, type Month, monthName } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import type { KnownAmounts } from "@/lib/domain/money";
import { type Accounts, type JournalLine, journalOf, PURPOSES, reversed } from "./journal";
import { findLateLeft } from "./late-left";
import {
  type Decision,
  type JournalPart,
  type JournalPurpose,
  journalParts,
  type ProposeJournal,
  type SetJournalAccounts,
} from "./schema";
import type { CloseContext } from "./signing";
import { holdPeriod } from "./state";

/** What is left to be corrected of a purpose in a month, SCAYLE − ERP, less what journals stand for already. */
export type Correction = Readonly<
  KnownAmounts & {
    purpose: JournalPurpose;
    currency: string;
    count: number;
    journalled: KnownAmounts;
    /** of late arrivals: the closed month that they came to */
    lateOf: Month | null;
  }
>;

/**
 * What the month's causes come to by purpose and currency. Journals that were taken back next month count in their own
 * month; the reversal counts in the next one, against nothing of its own.
 */
export async function findCorrections(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly Correction[]> {
  const { rows } = await client.query<{
    purpose: JournalPurpose;
    currency: string;
    count: number;
    tax: bigint;
    gross: bigint;
    jnet: bigint;
    jtax: bigint;
    jgross: bigint;
  }>(
    `WITH found AS (
       SELECT CASE WHEN bucket = 'accepted' THEN 'write-off' WHEN code = 'cut-off' OR bucket = 'timing' THEN 'accrual' ELSE 'rounding' END AS purpose,
              currency, count(DISTINCT coalesce(exception_id, id))::int AS count, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross
         FROM cause WHERE entity_id = $1 AND period = $2
          AND (bucket IN ('accepted', 'timing') OR code = 'cut-off' OR (code = 'rounding' AND bucket = 'explained'))
        GROUP BY 1, 2),
     made AS (
       SELECT purpose, currency, sum(net)::bigint AS net, sum(tax)::bigint AS tax, sum(gross)::bigint AS gross FROM journal
        WHERE entity_id = $1 AND month = $2 AND state <> 'rejected' AND reverses IS NULL AND late_of IS NULL GROUP BY 1, 2)
     SELECT purpose, currency, coalesce(f.count, 0) AS count, coalesce(f.tax, 0)::bigint AS tax,
            coalesce(f.gross, 0)::bigint AS gross, coalesce(m.net, 0)::bigint AS jnet, coalesce(m.tax, 0)::bigint AS jtax,
            coalesce(m.gross, 0)::bigint AS jgross
       FROM found f FULL JOIN made m USING (purpose, currency) ORDER BY 1, 2`,
    [entityId, month],
  );
  const own = rows.map(({ purpose, currency, count, tax, gross, jnet, jtax, jgross }) => ({
    lateOf: null,
    purpose,
    currency,
    count,
    // What is unknown of a line is in neither net nor tax; a journal books what its gross is made of.
    net: gross - jgross - (tax - jtax),
    tax: tax - jtax,
    gross: gross - jgross,
    journalled: { net: jnet, tax: jtax, gross: jgross },
  }));
  const late = await findLateLeft(client, entityId, month);
  return [
    ...own,
    ...late.map(({ from, currency, count, tax, gross, proposed }) => ({
      purpose: "late" as const,
      lateOf: from,
      currency,
      count,
      net: gross - proposed.gross - (tax - proposed.tax),
      tax: tax - proposed.tax,
      gross: gross - proposed.gross,
      journalled: proposed,
    })),
  ];
}

/** The accounts of an entity by purpose; a purpose lacks those that nobody set. */
export async function findAccounts(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<Readonly<Partial<Record<JournalPurpose, Partial<Accounts>>>>> {
  const { rows } = await client.query<{ purpose: JournalPurpose; part: JournalPart; account: string }>(
    "SELECT purpose, part, account FROM journal_account WHERE entity_id = $1",
    [entityId],
  );
  const accounts: Partial<Record<JournalPurpose, Partial<Accounts>>> = {};
  for (const { purpose, part, account } of rows)
    accounts[purpose] = { ...accounts[purpose], [part]: account };
  return accounts;
}

function wholeAccounts(purpose: JournalPurpose, found: Partial<Accounts> | undefined): Accounts {
  const { net, tax, gross } = found ?? {};
  if (net === undefined || tax === undefined || gross === undefined)
    throw new Refusal("invalid", `Set the accounts for “${PURPOSES[purpose].title}” first.`);
  return { net, tax, gross };
}

/** Sets to which accounts a purpose's corrections are booked, and says which of them no line of the ERP names. Throws Refusal `not-allowed`. */
export async function setAccounts(
  actor: Actor,
  input: SetJournalAccounts,
  context: CloseContext,
): Promise<Readonly<{ unknown: readonly string[] }>> {
  const { entityId, purpose } = input;
  assertMay(actor, "settings.write", entityId);
  const set = async (client: pg.PoolClient) => {
    const before = (await findAccounts(client, entityId))[purpose] ?? null;
    for (const part of journalParts) {
      await client.query(
        `INSERT INTO journal_account (entity_id, purpose, part, account, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (entity_id, purpose, part) DO UPDATE SET account = excluded.account, set_at = excluded.set_at, set_by = excluded.set_by`,
        [entityId, purpose, part, input[part], context.now, actor.name],
      );
    }
    const { net, tax, gross } = input;
    return {
      result: { unknown: await unknownOf(client, entityId, [net, tax, gross]) },
      change: {
        action: "journal-accounts.set",
        subject: `entity:${entityId}`,
        before: { purpose, ...before },
        after: { purpose, net, tax, gross },
      },
    };
  };
  return audited(actor, entityId, set, context);
}

/** Those of some accounts that no line of the ERP names; none where its lines name no accounts at all. */
async function unknownOf(
  client: pg.ClientBase,
  entityId: string,
  accounts: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ account: string }>(
    "SELECT DISTINCT account FROM line WHERE entity_id = $1 AND side = 'erp' AND account IS NOT NULL",
    [entityId],
  );
  const known = new Set(rows.map((row) => row.account));
  return known.size === 0 ? [] : [...new Set(accounts)].filter((one) => !known.has(one));
}

const lastDayOf = (month: Month): Day => addDays(firstDayAfter(month), -1);
const firstDayAfter = (month: Month): Day => `${addDays(`${month}-01`, 31).slice(0, 7)}-01`;

/**
 * Proposes what is left to be corrected of a purpose as a balanced journal on the month's last day. Somebody else approves it.
 * Throws Refusal `not-allowed`; `not-found`; `conflict` for a closed month or where the amounts are others than those that were
 * looked at; `invalid` without accounts, or where nothing is left.
 */
export async function proposeJournal(
  actor: Actor,
  input: Omit<ProposeJournal, "lateOf" | "books"> & Partial<Pick<ProposeJournal, "lateOf" | "books">>,
  context: CloseContext,
): Promise<Readonly<{ id: string; number: number }>> {
  const { entityId, month, purpose, currency, reason, lateOf = null, books = true } = input;
  const reverse = purpose === "accrual" || (input.reverse && books);
  if (!books && purpose !== "late")
    throw new Refusal("invalid", "That nothing is booked is decided of late arrivals alone.");
  assertMay(actor, "journals.propose", entityId);
  const propose = async (client: pg.PoolClient) => {
    const held = await holdPeriod(client, entityId, month);
    if (held.state === "closed")
      throw new Refusal("conflict", "The month is closed: correct it in the next open one.");
    const found = (await findCorrections(client, entityId, month)).find(
      (one) => one.purpose === purpose && one.currency === currency && one.lateOf === lateOf,
    );
    if (!found || (found.gross === 0n && found.tax === 0n))
      throw new Refusal("invalid", "Nothing is left to be corrected of this.");
    if (found.gross !== input.gross || found.tax !== input.tax)
      throw new Refusal("conflict", "The amounts are others than those you looked at. Look at them again.");
    const amounts = { net: found.net, tax: found.tax, gross: found.gross };
    const lines = books
      ? journalOf(
          amounts,
          wholeAccounts(purpose, (await findAccounts(client, entityId))[purpose]),
          `${PURPOSES[purpose].title} ${lateOf ?? month}`,
        )
      : [];
    const made = await insertJournal(client, {
      entityId,
      month,
      purpose,
      currency,
      postingDay: lastDayOf(month),
      amounts,
      lines,
      reason,
      reverses: null,
      reverse,
      lateOf,
      books,
      maker: actor,
      at: context.now,
    });
    return {
      result: made,
      change: {
        action: "journal.propose",
        subject: `journal:${made.id}`,
        before: null,
        after: {
          number: made.number,
          month,
          purpose,
          currency,
          ...amounts,
          lines,
          reason,
          reverse,
          ...(lateOf && { lateOf, books }),
        },
      },
    };
  };
  return audited(actor, entityId, propose, context);
}

type NewJournal = Readonly<{
  entityId: string;
  month: Month;
  purpose: JournalPurpose;
  currency: string;
  postingDay: Day;
  amounts: KnownAmounts;
  lines: readonly JournalLine[];
  reason: string;
  reverses: string | null;
  reverse: boolean;
  lateOf: Month | null;
  books: boolean;
  maker: Pick<Actor, "id" | "name">;
  at: Date;
}>;

async function insertJournal(
  client: pg.PoolClient,
  one: NewJournal,
): Promise<Readonly<{ id: string; number: number }>> {
  // Numbers without gaps: those who propose at once wait for each other.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`journals:${one.entityId}`]);
  const id = randomUUID();
  const { rows } = await client.query<{ number: number }>(
    `INSERT INTO journal (id, entity_id, month, number, purpose, currency, posting_day, net, tax, gross, lines, reason, reverses, made_at,
       made_by_id, made_by, reverse, late_of, books)
     SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14, $15, $16, $17, $18
       FROM journal WHERE entity_id = $2 RETURNING number`,
    [
      id,
      one.entityId,
      one.month,
      one.purpose,
      one.currency,
      one.postingDay,
      one.amounts.net,
      one.amounts.tax,
      one.amounts.gross,
      toJson(one.lines),
      one.reason,
      one.reverses,
      one.at,
      one.maker.id,
      one.maker.name,
      one.reverse,
      one.lateOf,
      one.books,
    ],
  );
  return { id, number: rows[0]?.number ?? 0 };
}

type Held = Readonly<{
  month: Month;
  number: number;
  purpose: JournalPurpose;
  currency: string;
  net: bigint;
  tax: bigint;
  gross: bigint;
  lines: unknown;
  reverse: boolean;
  lateOf: Month | null;
  state: string;
  madeById: string;
  madeBy: string;
  decidedBy: string | null;
}>;

/**
 * Approves or rejects a journal that somebody else proposed. Where it is to be taken back (an accrual always is), the journal that
 * does so on the first day of the next month is approved too. Throws Refusal `not-allowed` for who proposed it; `not-found`; `conflict` where it is decided, or
 * the month is closed.
 */
export async function decideJournal(
  actor: Actor,
  { entityId, id, approve, why }: Decision,
  context: CloseContext,
): Promise<Readonly<{ approved: boolean; reversal: number | null }>> {
  assertMay(actor, "journals.approve", entityId);
  const decide = async (client: pg.PoolClient) => {
    const { rows } = await client.query<Held>(
      `SELECT month, number, purpose, currency, net, tax, gross, lines, reverse, late_of AS "lateOf", state, made_by_id AS "madeById", made_by AS "madeBy",
              decided_by AS "decidedBy" FROM journal WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
      [id, entityId],
    );
    const [journal] = rows;
    if (!journal) throw new Refusal("not-found", "There is no such journal in this entity.");
    if (journal.state !== "asked")
      throw new Refusal("conflict", `It has been ${journal.state} already by ${journal.decidedBy}.`);
    if (journal.madeById === actor.id)
      throw new Refusal("not-allowed", "You proposed it yourself: somebody else has to decide.");
    const held = await holdPeriod(client, entityId, journal.month);
    if (approve && held.state === "closed") throw new Refusal("conflict", "The month is closed.");
    await decideRow(client, id, { approve, actor, why, at: context.now });
    const reversal =
      approve && journal.reverse
        ? await takeBackNextMonth(client, { ...journal, id, entityId }, { actor, why, at: context.now })
        : null;
    return {
      result: { approved: approve, reversal },
      change: {
        action: approve ? "journal.approve" : "journal.reject",
        subject: `journal:${id}`,
        before: { number: journal.number, state: "asked", madeBy: journal.madeBy },
        after: {
          number: journal.number,
          state: approve ? "approved" : "rejected",
          madeBy: journal.madeBy,
          why,
          reversal,
        },
      },
    };
  };
  return audited(actor, entityId, decide, context);
}

type Decided = Readonly<{ approve: boolean; actor: Actor; why: string; at: Date }>;

const decideRow = (client: pg.PoolClient, id: string, { approve, actor, why, at }: Decided) =>
  client.query(
    `UPDATE journal SET state = $2, decided_at = $3, decided_by_id = $4, decided_by = $5, decided_why = $6 WHERE id = $1`,
    [id, approve ? "approved" : "rejected", at, actor.id, actor.name, why || null],
  );

async function takeBackNextMonth(
  client: pg.PoolClient,
  journal: Held & Readonly<{ id: string; entityId: string }>,
  { actor, why, at }: Omit<Decided, "approve">,
): Promise<number> {
  const day = firstDayAfter(journal.month);
  const text = `Taken back: journal ${journal.number} of ${monthName(journal.month)}`;
  const { id, number } = await insertJournal(client, {
    entityId: journal.entityId,
    month: day.slice(0, 7),
    purpose: journal.purpose,
    currency: journal.currency,
    postingDay: day,
    amounts: { net: -journal.net, tax: -journal.tax, gross: -journal.gross },
    lines: reversed(linesOf(journal.lines), text),
    reason: text,
    reverses: journal.id,
    reverse: false,
    lateOf: journal.lateOf,
    books: true,
    maker: { id: journal.madeById, name: journal.madeBy },
    at,
  });
  await decideRow(client, id, { approve: true, actor, why, at });
  return number;
}

type Stored = Readonly<{ account: string; debit: string; credit: string; text: string }>;

/** The lines as they are kept. */
export const linesOf = (stored: unknown): readonly JournalLine[] =>
  (stored as readonly Stored[]).map(({ account, debit, credit, text }) => ({
    account,
    debit: BigInt(debit),
    credit: BigInt(credit),
    text,
  }));

/** A journal as the page shows it. */
export type Journal = Readonly<{
  id: string;
  number: number;
  month: Month;
  purpose: JournalPurpose;
  currency: string;
  postingDay: Day;
  gross: bigint;
  lines: readonly JournalLine[];
  reason: string;
  reverses: string | null;
  reverse: boolean;
  state: "asked" | "approved" | "rejected";
  madeAt: Date;
  madeById: string;
  madeBy: string;
  decidedAt: Date | null;
  decidedBy: string | null;
  decidedWhy: string | null;
  exportedAt: Date | null;
  exportedBy: string | null;
  /** who says that the ERP did not take the file in, and why; null: nobody */
  recallById: string | null;
  recallBy: string | null;
  recallWhy: string | null;
  /** that it was handed over before, and that two people said that it was not taken in; null: it was not */
  formerExportedAt: Date | null;
  formerExportedBy: string | null;
  recalledAt: Date | null;
  recalledBy: string | null;
  /** the closed month whose late arrivals it stands for */
  lateOf: Month | null;
  /** false: two people decide that nothing is booked; it has no lines */
  books: boolean;
  /** of a journal that is taken back: the one that does, once it is approved */
  reversalNumber: number | null;
  reversalId: string | null;
  reversalMonth: Month | null;
  reversalExported: boolean;
  /** how its posting stands, where it was asked for */
  reversalPosting: string | null;
  /** the month of the one that it takes back */
  originalMonth: Month | null;
  /** of a journal that takes another back: that one's number, and whether it was handed over as a file */
  original: number | null;
  originalExported: boolean;
}>;

/** The journals of a month in their order. */
export async function findJournals(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly Journal[]> {
  const { rows } = await client.query<Omit<Journal, "lines"> & { lines: unknown }>(
    `SELECT j.id, j.number, j.month, j.purpose, j.currency, j.posting_day AS "postingDay", j.gross, j.lines, j.reason, j.reverses, j.reverse,
            j.state, j.made_at AS "madeAt", j.made_by_id AS "madeById", j.made_by AS "madeBy", j.decided_at AS "decidedAt",
            j.decided_by AS "decidedBy", j.decided_why AS "decidedWhy", j.exported_at AS "exportedAt", j.exported_by AS "exportedBy",
            j.recall_by_id AS "recallById", j.recall_by AS "recallBy", j.recall_why AS "recallWhy",
            j.former_exported_at AS "formerExportedAt", j.former_exported_by AS "formerExportedBy", j.recalled_at AS "recalledAt",
            j.recalled_by AS "recalledBy", j.late_of AS "lateOf", j.books, o.number AS original, o.month AS "originalMonth",
            o.exported_at IS NOT NULL AS "originalExported", b.number AS "reversalNumber", b.id AS "reversalId",
            b.month AS "reversalMonth", b.exported_at IS NOT NULL AS "reversalExported", (
              SELECT p.state FROM journal_posting p WHERE p.journal_id = b.id ORDER BY p.attempt DESC LIMIT 1) AS "reversalPosting"
       FROM journal j LEFT JOIN journal o ON o.id = j.reverses LEFT JOIN journal b ON b.reverses = j.id
      WHERE j.entity_id = $1 AND j.month = $2 ORDER BY j.number`,
    [entityId, month],
  );
  return rows.map((row) => ({ ...row, lines: linesOf(row.lines) }));
}

/** Journals that are posted in the ERP from here, or are about to be: taken in from a file too they would count twice. */
async function inErp(client: pg.ClientBase, entityId: string): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT journal_id AS id FROM journal_posting WHERE entity_id = $1 AND state <> 'refused'",
    [entityId],
  );
  return new Set(rows.map((row) => row.id));
}

/** Whether a journal is taken into the ERP as a file: `again`, once more. While it is asked whether the first was taken in, it is not. */
export const isToExport = ({ state, books, exportedAt, recallById }: Journal, again: boolean): boolean =>
  state === "approved" && books && recallById === null && (exportedAt !== null) === again;

/**
 * The approved journals of a month that are not posted from here, to be taken into the ERP as a file: those that were never taken,
 * or with `again` once more those that were. That they were taken first, when and by whom, is kept with its record.
 * Throws Refusal `not-allowed`; `conflict` where there are none.
 */
export async function exportJournals(
  actor: Actor,
  { entityId, month, again = false }: Readonly<{ entityId: string; month: Month; again?: boolean }>,
  context: CloseContext,
): Promise<readonly Journal[]> {
  assertMay(actor, "journals.propose", entityId);
  const take = async (client: pg.PoolClient) => {
    // Whoever recalls one of them, posts it or takes it too waits.
    await client.query("SELECT FROM journal WHERE entity_id = $1 AND month = $2 ORDER BY number FOR UPDATE", [
      entityId,
      month,
    ]);
    const posted = await inErp(client, entityId);
    const journals = (await findJournals(client, entityId, month)).filter(
      (one) => isToExport(one, again) && !posted.has(one.id),
    );
    if (journals.length === 0)
      throw new Refusal(
        "conflict",
        again
          ? "None of them counts as handed over any more, or it is asked whether it was taken in. Look at them again."
          : "All of them were handed over or posted meanwhile. Look at them again.",
      );
    await client.query(
      "UPDATE journal SET exported_at = coalesce(exported_at, $2), exported_by = coalesce(exported_by, $3) WHERE id = ANY ($1::uuid[])",
      [journals.map((one) => one.id), context.now, actor.name],
    );
    return {
      result: journals,
      change: {
        action: again ? "journal.export-again" : "journal.export",
        subject: `period:${entityId}/${month}`,
        before: null,
        after: { numbers: journals.map((one) => one.number) },
      },
    };
  };
  return audited(actor, entityId, take, context);
}

/** What of a month's journals is not done: those to be approved, and those that are approved and in no ERP yet. */
export type Undone = Readonly<{ asked: readonly number[]; unbooked: readonly number[] }>;

/** Numbers of a month's journals that wait for a decision, and of those that are neither posted nor handed over as a file. */
export async function findUndone(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<Undone> {
  const { rows } = await client.query<{ number: number; state: string }>(
    `SELECT j.number, j.state FROM journal j
      WHERE j.entity_id = $1 AND j.month = $2 AND (j.state = 'asked' OR (j.state = 'approved' AND j.books AND j.exported_at IS NULL
        AND NOT EXISTS (SELECT FROM journal_posting p WHERE p.journal_id = j.id AND p.state <> 'refused')))
      ORDER BY j.number`,
    [entityId, month],
  );
  const of = (state: string) => rows.filter((row) => row.state === state).map((row) => row.number);
  return { asked: of("asked"), unbooked: of("approved") };
}
