import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { question } from "@/lib/causes/question";
import { ownerPool } from "@/lib/db/pool";
import { type Day, dayIn, monthOf } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { loadDueRules } from "@/lib/matching/due";
import { loadOwnership } from "@/lib/matching/ownership";
import { keepStanding } from "@/lib/matching/standing";
import type { Answer, Ask } from "./schema";

type Context = Readonly<{ now: Date; pool?: pg.Pool }>;

/**
 * Asks finance or operations about an order: an exception of theirs stands for it, due like any without an amount, until it
 * is answered. Throws Refusal: "not-allowed"; "not-found" for an order that is not there; "conflict" for a question that is
 * asked already in the same words.
 */
export async function askQuestion(
  actor: Actor,
  { entityId, orderKey, team, note }: Ask,
  { now, pool = ownerPool() }: Context,
): Promise<Readonly<{ id: string }>> {
  assertMay(actor, "questions.ask", entityId);
  const id = randomUUID();
  return audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query(
        `SELECT FROM sales_order WHERE order_key = $1 AND entity_id = $2
         UNION ALL SELECT FROM document WHERE order_key = $1 AND entity_id = $2`,
        [orderKey, entityId],
      );
      if (rows.length === 0) throw new Refusal("not-found", "There is no such order.");
      const { rowCount } = await client.query(
        "SELECT FROM order_question WHERE order_key = $1 AND note = $2 AND answered_at IS NULL",
        [orderKey, note],
      );
      if (rowCount) throw new Refusal("conflict", "That has been asked already and waits for its answer.");
      await client.query(
        `INSERT INTO order_question (order_key, id, entity_id, team, note, asked_at, asked_by_id, asked_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [orderKey, id, entityId, team, note, now, actor.id, actor.name],
      );
      await keepQuestions(client, entityId, { at: now, by: actor.name });
      return {
        result: { id },
        change: {
          action: "question.ask",
          subject: `order:${orderKey}`,
          before: null,
          after: { id, team, note },
        },
      };
    },
    { pool, now },
  );
}

/**
 * Answers the question that an exception stands for; whoever asked sees it on the order, and the exception closes.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" where somebody answered it meanwhile.
 */
export async function answerQuestion(
  actor: Actor,
  { entityId, exceptionId, answer }: Answer,
  { now, pool = ownerPool() }: Context,
): Promise<void> {
  assertMay(actor, "exceptions.assign", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ id: string; answeredBy: string | null; note: string }>(
        `SELECT q.id, q.answered_by AS "answeredBy", q.note
           FROM exception e JOIN order_question q ON q.order_key = e.order_key AND e.source_line = 'question ' || q.id
          WHERE e.id = $1 AND e.entity_id = $2 AND e.cause = $3 FOR UPDATE OF q`,
        [exceptionId, entityId, question.code],
      );
      const [asked] = rows;
      if (!asked) throw new Refusal("not-found", "There is no such question.");
      if (asked.answeredBy !== null)
        throw new Refusal("conflict", `${asked.answeredBy} has answered it already.`);
      await client.query(
        `UPDATE order_question SET answer = $2, answered_at = $3, answered_by_id = $4, answered_by = $5 WHERE id = $1`,
        [asked.id, answer, now, actor.id, actor.name],
      );
      await keepQuestions(client, entityId, { at: now, by: actor.name }, `Answered: ${answer}`);
      return {
        result: undefined,
        change: {
          action: "question.answer",
          subject: `exception:${exceptionId}`,
          before: { note: asked.note },
          after: { answer },
        },
      };
    },
    { pool, now },
  );
}

type Open = Readonly<{
  order_key: string;
  id: string;
  team: string;
  note: string;
  asked_at: Date;
  asked_by: string;
  reference: string | null;
  shop_id: string | null;
  channel: string | null;
  currency: string;
  time_zone: string;
}>;

/** Brings the exceptions of an entity's questions up to which are open. */
async function keepQuestions(
  client: pg.PoolClient,
  entityId: string,
  { at, by }: Readonly<{ at: Date; by: string }>,
  cleared = "It was answered.",
): Promise<void> {
  const { rows } = await client.query<Open>(
    `SELECT q.order_key, q.id, q.team, q.note, q.asked_at, q.asked_by, o.reference, o.shop_id, o.channel, coalesce(o.currency, n.currency) AS currency,
            n.time_zone
       FROM order_question q JOIN entity n ON n.id = q.entity_id LEFT JOIN sales_order o ON o.order_key = q.order_key
      WHERE q.entity_id = $1 AND q.answered_at IS NULL ORDER BY q.asked_at, q.id`,
    [entityId],
  );
  const { rows: entities } = await client.query<{ zone: string }>(
    "SELECT time_zone AS zone FROM entity WHERE id = $1",
    [entityId],
  );
  const timeZone = entities[0]?.zone ?? "UTC";
  const ownership = await loadOwnership(client, entityId);
  await keepStanding(
    client,
    entityId,
    { cause: question, ownerTeam: ownership(question.code, null), cleared },
    rows.map((row) => ({
      orderKey: row.order_key,
      subject: `question ${row.id}`,
      documentKind: "sale",
      orderReference: row.reference,
      documentNumber: null,
      period: monthOf(dayIn(row.asked_at, row.time_zone)),
      currency: row.currency,
      signature: row.team,
      ownerTeam: row.team,
      place: {
        shopId: row.shop_id,
        channel: row.channel,
        businessDay: dayIn(row.asked_at, row.time_zone),
      },
      explanation: `${row.asked_by} asks: ${row.note}`,
      steps: [],
    })),
    { at, by, runId: idOf("questions", entityId), timeZone, due: await loadDueRules(client, entityId) },
  );
}

/** A question with where it stands. */
export type Question = Readonly<{
  id: string;
  orderKey: string;
  entityId: string;
  order: string | null;
  note: string;
  team: string;
  askedAt: Date;
  askedBy: string;
  assignee: string | null;
  due: Day | null;
  answer: string | null;
  answeredAt: Date | null;
  answeredBy: string | null;
}>;

const QUESTIONS = `SELECT q.id, q.order_key AS "orderKey", q.entity_id AS "entityId", o.reference AS "order", q.note,
    coalesce(t.name, e.owner_team, q.team) AS team, q.asked_at AS "askedAt", q.asked_by AS "askedBy", u.name AS assignee, e.due,
    q.answer, q.answered_at AS "answeredAt", q.answered_by AS "answeredBy"
  FROM order_question q LEFT JOIN sales_order o ON o.order_key = q.order_key
    LEFT JOIN exception e ON e.order_key = q.order_key AND e.source_line = 'question ' || q.id AND e.cause = 'question'
    LEFT JOIN team t ON t.id = e.owner_team LEFT JOIN "user" u ON u.id = e.assignee_id`;

/** What was asked about one order, newest first. */
export async function findQuestions(
  pool: pg.Pool,
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly Question[]> {
  const { rows } = await pool.query<Question>(
    `${QUESTIONS} WHERE q.order_key = $1 AND q.entity_id = ANY($2) ORDER BY q.asked_at DESC, q.id LIMIT 50`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

/** The question that an exception stands for, with its answer. */
export async function findQuestionOf(
  pool: pg.Pool,
  entityId: string,
  exceptionId: string,
): Promise<Question | null> {
  const { rows } = await pool.query<Question>(`${QUESTIONS} WHERE e.id = $1 AND q.entity_id = $2`, [
    exceptionId,
    entityId,
  ]);
  return rows[0] ?? null;
}

/** What somebody asked: all that is open, and what was answered since a moment; newest first. */
export async function findQuestionsOf(
  pool: pg.Pool,
  entityIds: readonly string[],
  personId: string,
  since: Date,
): Promise<readonly Question[]> {
  const { rows } = await pool.query<Question>(
    `${QUESTIONS} WHERE q.asked_by_id = $1 AND q.entity_id = ANY($2) AND (q.answered_at IS NULL OR q.answered_at >= $3)
      ORDER BY q.answered_at IS NOT NULL, q.asked_at DESC, q.id LIMIT 50`,
    [personId, [...entityIds], since],
  );
  return rows;
}
