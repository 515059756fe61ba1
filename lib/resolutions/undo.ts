import type pg from "pg";
import { z } from "zod";
import type { DraftDocument, DraftLine } from "@/lib/connectors/write";
import { type Day, dayIn, monthOf } from "@/lib/domain/day";
import { absolute } from "@/lib/domain/money";
import type { Attempt } from "./attempts";
import type { Cannot, Plan, PlannedWrite } from "./contract";
import { CannotPlan, planned, sumOf } from "./drafts";
import type { StoredPlan } from "./stored";

const NOT_FROM_HERE =
  "It can’t be taken back from here: what it did is undone only by hand, in the other system.";

type Undoable = Pick<Attempt, "state" | "plan" | "undoesId">;

/** Whether what an attempt did is a posted document, which a reversal takes back: alone, or in the place of another. */
export const isUndoable = ({ state, plan, undoesId }: Undoable): boolean =>
  state === "proved" &&
  undoesId === null &&
  plan.writes.at(-1)?.write.kind === "post-document" &&
  plan.writes.length <= 2;

/**
 * What takes back what an attempt posted: the ERP's own reversal of that document; where it stands in the place of another,
 * that one is posted again as it was.
 */
export function undoPlanOf(
  client: pg.Pool | pg.ClientBase,
  attempt: Attempt,
  now: Date,
): Promise<Plan | Cannot> {
  return plannedLater(() => planUndo(client, attempt, now));
}

async function planUndo(client: pg.Pool | pg.ClientBase, attempt: Attempt, now: Date): Promise<Plan> {
  const last = attempt.plan.writes.at(-1);
  if (!isUndoable(attempt) || last?.target !== "erp" || last.write.kind !== "post-document")
    throw new CannotPlan(NOT_FROM_HERE);
  if (await isUndone(client, attempt)) throw new CannotPlan("It was taken back already.");
  const dayOf = await openDays(client, attempt, now);
  const { document } = last.write;
  const posted = await postedBy(
    client,
    attempt,
    attempt.plan.writes.length - 1,
    last.connectionId,
    document.kind,
  );
  const name = `${document.kind === "sale" ? "invoice" : "credit memo"} ${posted.number}`;
  const reversal: PlannedWrite = {
    target: "erp",
    connectionId: last.connectionId,
    figures: null,
    amount: { currency: document.currency, minor: absolute(sumOf(document.lines).gross) },
    write: {
      kind: "reverse-document",
      document: {
        kind: document.kind,
        sourceId: posted.sourceId,
        number: posted.number,
        reference: document.reference,
      },
      postingDay: dayOf(posted.day),
    },
  };
  const [first, second] = attempt.plan.writes;
  if (!first || second === undefined)
    return {
      sentence: `Takes back what was posted: reverses ${name} of order ${document.reference}.`,
      effect: "The document is reversed, and what was missing is missing again.",
      undo: "It can be posted again.",
      writes: [reversal],
    };
  const old = await formerOf(client, attempt, first, dayOf);
  return {
    sentence: `Takes back what was posted: reverses ${name} of order ${document.reference} and posts ${old.name} again as it was, with what was wrong with it.`,
    effect: `${name} is reversed, a new document with the lines of ${old.name} stands in its place, and what was wrong is wrong again.`,
    undo: "It can be put right again.",
    writes: [
      reversal,
      {
        target: "erp",
        connectionId: last.connectionId,
        // The ERP made these figures of the same lines before.
        figures: sumOf(old.document.lines),
        write: { kind: "post-document", document: old.document },
      },
    ],
  };
}

/** `planned` for what is read on the way. */
async function plannedLater<Result>(make: () => Promise<Result>): Promise<Result | Cannot> {
  try {
    return await make();
  } catch (error) {
    return planned(() => {
      throw error;
    });
  }
}

/** Whether an attempt was taken back, or is being taken back. */
async function isUndone(client: pg.Pool | pg.ClientBase, { orderKey, id }: Attempt): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM resolution_attempt WHERE order_key = $1 AND undoes_id = $2 AND (state = 'proved' OR ended_at IS NULL)`,
    [orderKey, id],
  );
  return (rowCount ?? 0) > 0;
}

/** The day on which something is posted: the asked one while its month is open, else today. */
async function openDays(
  client: pg.Pool | pg.ClientBase,
  { entityId }: Attempt,
  now: Date,
): Promise<(day: Day | null) => Day> {
  const { rows } = await client.query<{ zone: string; closed: string[] }>(
    `SELECT time_zone AS zone, ARRAY(SELECT month::text FROM period p WHERE p.entity_id = e.id AND p.state = 'closed') AS closed
       FROM entity e WHERE id = $1`,
    [entityId],
  );
  const [{ zone, closed } = { zone: "UTC", closed: [] }] = rows;
  const today = dayIn(now, zone);
  return (day) => (day === null || closed.includes(monthOf(day)) ? today : day);
}

type Standing = Readonly<{ sourceId: string; number: string; day: Day | null }>;

/** The document that a write of an attempt posted, as it stands. Throws CannotPlan. */
async function postedBy(
  client: pg.Pool | pg.ClientBase,
  attempt: Attempt,
  index: number,
  connectionId: string,
  kind: DraftDocument["kind"],
): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `SELECT d.source_id AS "sourceId", d.number, d.posting_day AS day
       FROM resolution_step s JOIN document d ON d.order_key = s.order_key AND d.connection_id = $3::uuid AND d.kind = $4 AND d.posted
            AND (d.source_id = s.data ->> 'id' OR d.number = s.data ->> 'number')
      WHERE s.order_key = $1 AND s.attempt_id = $2 AND s.kind = 'done' AND s.write_index = $5
      ORDER BY (d.source_id = s.data ->> 'id') DESC, s.seq DESC LIMIT 1`,
    [attempt.orderKey, attempt.id, connectionId, kind, index],
  );
  const [posted] = rows;
  if (!posted) throw new CannotPlan("The document that it posted is not there any more.");
  return posted;
}

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));

/** What of a document that was read is needed to post it again; amounts are integer texts in JSON. */
const Former = z.object({
  kind: z.enum(["sale", "credit"]),
  number: z.string(),
  reference: z.string().nullable(),
  originalNumber: z.string().nullable(),
  currency: z.string(),
  postingDay: z.string().nullable(),
  lines: z.array(
    z.object({
      kind: z.string(),
      sku: z.string().nullable(),
      variant: z.string().nullish(),
      account: z.string().nullish(),
      description: z.string().nullable(),
      quantity: z.string(),
      net: minor.nullable(),
      tax: minor.nullable(),
      gross: minor,
      taxCode: z.string().nullable(),
      taxRate: z.string().nullable(),
    }),
  ),
});

/** The document that the first write of an attempt took back, to be posted again as it was. Throws CannotPlan. */
async function formerOf(
  client: pg.Pool | pg.ClientBase,
  attempt: Attempt,
  { connectionId, write }: StoredPlan["writes"][number],
  dayOf: (day: Day | null) => Day,
): Promise<Readonly<{ name: string; document: DraftDocument }>> {
  const sourceId =
    write.kind === "reverse-document"
      ? write.document.sourceId
      : write.kind === "post-document"
        ? write.document.corrects?.sourceId
        : undefined;
  const { rows } = await client.query<{ content: unknown; shipTo: string | null }>(
    `SELECT v.content, o.ship_to AS "shipTo" FROM document d
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
       LEFT JOIN sales_order o ON o.order_key = d.order_key
      WHERE d.order_key = $1 AND d.connection_id = $2 AND d.source_id = $3`,
    [attempt.orderKey, connectionId, sourceId ?? null],
  );
  const found = Former.safeParse(rows[0]?.content);
  if (!found.success) throw new CannotPlan("The document that was there before can’t be read any more.");
  const old = found.data;
  if (old.reference === null) throw new CannotPlan("The document that was there before names no order.");
  return {
    name: `${old.kind === "sale" ? "invoice" : "credit memo"} ${old.number}`,
    document: {
      kind: old.kind,
      reference: old.reference,
      currency: old.currency,
      postingDay: dayOf(old.postingDay),
      shipTo: rows[0]?.shipTo ?? null,
      corrects:
        old.kind === "credit" ? await invoiceOf(client, attempt, connectionId, old.originalNumber) : null,
      lines: old.lines.map((line) => lineAgain(line, old.kind)),
    },
  };
}

function lineAgain(line: z.infer<typeof Former>["lines"][number], kind: DraftDocument["kind"]): DraftLine {
  if (line.net === null || line.tax === null)
    throw new CannotPlan("A line of the document that was there before states no tax.");
  if ((line.variant ?? "") !== "")
    throw new CannotPlan(`${line.sku} ${line.variant} is a variant: variants can’t be posted from here.`);
  const sign = kind === "credit" ? -1n : 1n;
  const isCharge = line.sku === null;
  return {
    kind: isCharge ? (line.kind === "shipping" || line.kind === "rounding" ? line.kind : "fee") : "item",
    number: (isCharge ? line.account : line.sku) ?? "",
    description: line.description ?? line.kind,
    quantity: line.quantity.replace(/^-/, ""),
    net: sign * line.net,
    tax: sign * line.tax,
    gross: sign * line.gross,
    taxCode: line.taxCode ?? "",
    taxRate: line.taxRate,
  };
}

async function invoiceOf(
  client: pg.Pool | pg.ClientBase,
  { orderKey }: Attempt,
  connectionId: string,
  number: string | null,
): Promise<DraftDocument["corrects"]> {
  const { rows } = await client.query<{ sourceId: string; number: string }>(
    `SELECT source_id AS "sourceId", number FROM document
      WHERE order_key = $1 AND connection_id = $2 AND number = $3 AND kind = 'sale' AND posted LIMIT 1`,
    [orderKey, connectionId, number],
  );
  return rows[0] ?? null;
}

/** Why what an undo would reverse is not there to be reversed, in a sentence; null where it is. */
export async function undoHolds(pool: pg.Pool, { orderKey, plan }: Attempt): Promise<string | null> {
  const [planned] = plan.writes;
  if (planned?.write.kind !== "reverse-document") return NOT_FROM_HERE;
  const { sourceId, kind, number } = planned.write.document;
  const { rowCount } = await pool.query(
    `SELECT FROM document WHERE order_key = $1 AND connection_id = $2 AND source_id = $3 AND kind = $4 AND posted`,
    [orderKey, planned.connectionId, sourceId, kind],
  );
  return rowCount === 1 ? null : `${number} is not among the order’s posted documents any more.`;
}
