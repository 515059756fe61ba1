import "server-only";
import { createHash, randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay, may } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { type Facts, judge } from "./facts";
import { findFacts } from "./find-facts";
import type { ActOnTask, AddLink, RemoveEvidence, SaveTemplate } from "./schema";
import type { CloseContext } from "./signing";
import { holdPeriod } from "./state";
import { defaultTemplates, findTemplates, type Template } from "./templates";

/** The largest file that is kept as evidence. */
export const EVIDENCE_BYTES_MAX = 5 * 1024 * 1024;

type OfTask = Readonly<{ entityId: string; month: string; templateId: string }>;

/** What people did of a task in a month. */
export type Done = Readonly<{
  doneAt: Date | null;
  doneById: string | null;
  doneBy: string | null;
  note: string;
  reviewedAt: Date | null;
  reviewedById: string | null;
  reviewedBy: string | null;
}>;

const DONE = `done_at AS "doneAt", done_by_id AS "doneById", done_by AS "doneBy", note, reviewed_at AS "reviewedAt",
  reviewed_by_id AS "reviewedById", reviewed_by AS "reviewedBy"`;
const NOT_DONE: Done = {
  doneAt: null,
  doneById: null,
  doneBy: null,
  note: "",
  reviewedAt: null,
  reviewedById: null,
  reviewedBy: null,
};

/** What was done of a month's tasks, by template. */
export async function findDone(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: string,
): Promise<ReadonlyMap<string, Done>> {
  const { rows } = await client.query<Done & { id: string }>(
    `SELECT template_id AS id, ${DONE} FROM close_task WHERE entity_id = $1 AND month = $2`,
    [entityId, month],
  );
  return new Map(rows.map(({ id, ...done }) => [id, done]));
}

/** Whether a task that people do is complete: done, and reviewed where somebody has to. */
export const isComplete = ({ needsReview }: Template, done: Done | undefined): boolean =>
  done?.doneAt != null && (!needsReview || done.reviewedAt !== null);

/** The task's template, in a month that is open. Throws Refusal "not-found"; "conflict" for a closed month. */
async function holdTask(
  client: pg.PoolClient,
  { entityId, month, templateId }: OfTask,
): Promise<
  Readonly<{ template: Template; templates: readonly Template[]; done: ReadonlyMap<string, Done> }>
> {
  const held = await holdPeriod(client, entityId, month);
  if (held.state === "closed") throw new Refusal("conflict", "The month is closed: its checklist stands.");
  const templates = await findTemplates(client, entityId);
  const template = templates.find(({ id }) => id === templateId);
  if (!template) throw new Refusal("not-found", "There is no such task on the checklist.");
  return { template, templates, done: await findDone(client, entityId, month) };
}

/**
 * Marks a task as done or reviewed, or takes that back. Nobody reviews what they did, and only whom the checklist names
 * reviews where it names somebody. A task that comes after others waits for all of them, those that complete by themselves too.
 *
 * @throws Refusal `not-allowed`; `not-found`; `conflict` for a closed month, a task that completes by itself, or one that can't be so marked
 */
export async function actOnTask(actor: Actor, input: ActOnTask, context: CloseContext): Promise<void> {
  const { entityId, month, templateId, act, note } = input;
  assertMay(actor, "close.tasks", entityId);
  const { now, pool = appPool() } = context;
  // What facts say is read before the month is held: others need not wait for that.
  const facts = act === "done" ? await findFacts(pool, entityId, month, now) : null;
  const work = async (client: pg.PoolClient) => {
    const { template, templates, done } = await holdTask(client, input);
    if (template.rule !== null) throw new Refusal("conflict", "This task completes by itself, from facts.");
    const before = done.get(templateId) ?? NOT_DONE;
    const after = markedAs(act, { template, templates, done, facts, before, actor, note, now });
    await client.query(
      `INSERT INTO close_task (entity_id, month, template_id, done_at, done_by_id, done_by, note, reviewed_at, reviewed_by_id, reviewed_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (entity_id, month, template_id) DO UPDATE SET done_at = excluded.done_at, done_by_id = excluded.done_by_id,
         done_by = excluded.done_by, note = excluded.note, reviewed_at = excluded.reviewed_at,
         reviewed_by_id = excluded.reviewed_by_id, reviewed_by = excluded.reviewed_by`,
      [
        entityId,
        month,
        templateId,
        after.doneAt,
        after.doneById,
        after.doneBy,
        after.note,
        after.reviewedAt,
        after.reviewedById,
        after.reviewedBy,
      ],
    );
    return {
      result: undefined,
      change: {
        action: `close-task.${act}`,
        subject: subjectOf(input),
        before: { title: template.title, ...before },
        after,
      },
    };
  };
  await audited(actor, entityId, work, context);
}

const subjectOf = ({ entityId, month, templateId }: OfTask): string =>
  `close-task:${entityId}/${month}/${templateId}`;

type Marking = Readonly<{
  template: Template;
  templates: readonly Template[];
  done: ReadonlyMap<string, Done>;
  /** null where nothing is marked as done */
  facts: Facts | null;
  before: Done;
  actor: Actor;
  note: string;
  now: Date;
}>;

function markedAs(
  act: ActOnTask["act"],
  { template, templates, done, facts, before, actor, note, now }: Marking,
): Done {
  switch (act) {
    case "done": {
      if (before.doneAt) throw new Refusal("conflict", `${before.doneBy} has done it already.`);
      const isSo = (one: Template) =>
        one.rule === null
          ? isComplete(one, done.get(one.id))
          : facts !== null && judge(one.rule, facts).holds;
      const waits = templates.find((one) => template.after.includes(one.id) && !isSo(one));
      if (waits) throw new Refusal("conflict", `It comes after “${waits.title}”, which is not complete.`);
      return { ...NOT_DONE, doneAt: now, doneById: actor.id, doneBy: actor.name, note };
    }
    case "not-done":
      if (!before.doneAt) throw new Refusal("conflict", "It is not done.");
      return NOT_DONE;
    case "reviewed": {
      if (!template.needsReview) throw new Refusal("conflict", "Nobody has to review this task.");
      if (!before.doneAt) throw new Refusal("conflict", "It is not done yet.");
      if (before.reviewedAt) throw new Refusal("conflict", `${before.reviewedBy} has reviewed it already.`);
      if (before.doneById === actor.id)
        throw new Refusal("not-allowed", "You did it yourself: somebody else has to review it.");
      if (template.reviewerId !== null && template.reviewerId !== actor.id)
        throw new Refusal("not-allowed", "The checklist names somebody else as its reviewer.");
      return { ...before, reviewedAt: now, reviewedById: actor.id, reviewedBy: actor.name };
    }
    case "not-reviewed":
      if (before.reviewedById !== actor.id)
        throw new Refusal("not-allowed", "Only who reviewed it takes that back.");
      return { ...before, reviewedAt: null, reviewedById: null, reviewedBy: null };
  }
}

/** A file as somebody sent it. */
export type SentFile = Readonly<{ name: string; mediaType: string; content: Buffer }>;

/** Adds a link as evidence of a task. Throws Refusal as `actOnTask` does. */
export const addLink = (
  actor: Actor,
  { name, url, ...of }: AddLink,
  context: CloseContext,
): Promise<string> => addEvidence(actor, of, { name, url }, context);

/** Adds a file as evidence of a task, with its hash. Throws Refusal as `actOnTask` does; `invalid` for an empty or too large one. */
export async function addFile(
  actor: Actor,
  of: OfTask,
  file: SentFile,
  context: CloseContext,
): Promise<string> {
  if (file.content.length === 0) throw new Refusal("invalid", "The file is empty.");
  if (file.content.length > EVIDENCE_BYTES_MAX)
    throw new Refusal(
      "invalid",
      `The file is larger than ${EVIDENCE_BYTES_MAX / 1024 / 1024} MB: add a link to it instead.`,
    );
  return addEvidence(actor, of, file, context);
}

async function addEvidence(
  actor: Actor,
  of: OfTask,
  what: SentFile | Readonly<{ name: string; url: string }>,
  context: CloseContext,
): Promise<string> {
  assertMay(actor, "close.tasks", of.entityId);
  const add = async (client: pg.PoolClient) => {
    const { template } = await holdTask(client, of);
    const id = randomUUID();
    const file = "content" in what ? what : null;
    const sha256 = file && createHash("sha256").update(file.content).digest("hex");
    const url = "url" in what ? what.url : null;
    await client.query(
      `INSERT INTO close_evidence (id, entity_id, month, template_id, name, url, media_type, sha256, content, added_at, added_by_id, added_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        of.entityId,
        of.month,
        of.templateId,
        what.name,
        url,
        file?.mediaType ?? null,
        sha256,
        file?.content ?? null,
        context.now,
        actor.id,
        actor.name,
      ],
    );
    return {
      result: id,
      change: {
        action: "close-task.add-evidence",
        subject: subjectOf(of),
        before: null,
        after: { title: template.title, name: what.name, url, sha256 },
      },
    };
  };
  return audited(actor, of.entityId, add, context);
}

/** Takes evidence off the list; what it was stays. Throws Refusal as `actOnTask` does. */
export async function removeEvidence(
  actor: Actor,
  { entityId, id }: RemoveEvidence,
  context: CloseContext,
): Promise<void> {
  assertMay(actor, "close.tasks", entityId);
  const remove = async (client: pg.PoolClient) => {
    const { rows } = await client.query<OfTask & { name: string }>(
      `SELECT entity_id AS "entityId", month, template_id AS "templateId", name FROM close_evidence
        WHERE id = $1 AND entity_id = $2 AND removed_at IS NULL`,
      [id, entityId],
    );
    const [found] = rows;
    if (!found) throw new Refusal("not-found", "There is no such evidence.");
    await holdTask(client, found);
    await client.query("UPDATE close_evidence SET removed_at = $2, removed_by = $3 WHERE id = $1", [
      id,
      context.now,
      actor.name,
    ]);
    return {
      result: undefined,
      change: {
        action: "close-task.remove-evidence",
        subject: subjectOf(found),
        before: { name: found.name },
        after: null,
      },
    };
  };
  await audited(actor, entityId, remove, context);
}

/** A kept file, for somebody who may see the month's figures; null where there is none. */
export async function findFile(pool: pg.Pool, actor: Actor, id: string): Promise<SentFile | null> {
  const { rows } = await pool.query<SentFile & { entityId: string }>(
    `SELECT entity_id AS "entityId", name, media_type AS "mediaType", content FROM close_evidence WHERE id = $1 AND content IS NOT NULL`,
    [id],
  );
  const [found] = rows;
  return found && may(actor, "close.read", found.entityId) ? found : null;
}

/**
 * Adds a task to the checklist of an entity's months, changes one or takes it off. The first change writes down the default
 * checklist. Throws Refusal `not-allowed`; `not-found`; `invalid` for a task that would come after itself.
 */
export async function saveTemplate(
  actor: Actor,
  input: SaveTemplate,
  context: CloseContext,
): Promise<string> {
  const { entityId, retire } = input;
  assertMay(actor, "close.templates", entityId);
  const save = async (client: pg.PoolClient) => {
    const templates = await writtenDown(client, entityId, actor, context.now);
    const id = input.id ?? randomUUID();
    const before = templates.find((one) => one.id === id) ?? null;
    if (input.id !== null && !before)
      throw new Refusal("not-found", "There is no such task on the checklist.");
    const after: Template = {
      id,
      position: before?.position ?? Math.max(-1, ...templates.map((one) => one.position)) + 1,
      rule: before?.rule ?? null,
      title: input.title,
      what: input.what,
      ownerTeam: input.ownerTeam,
      ownerId: input.ownerId,
      needsReview: (before?.rule ?? null) === null && input.needsReview,
      reviewerId: input.needsReview ? input.reviewerId : null,
      dueDay: input.dueDay,
      after: input.after,
    };
    assertOrder([...templates.filter((one) => one.id !== id), after]);
    await writeTemplate(client, entityId, after, { actor, at: context.now, retire });
    return {
      result: id,
      change: {
        action: retire ? "close-template.remove" : "close-template.set",
        subject: `close-template:${entityId}/${id}`,
        before,
        after: retire ? null : after,
      },
    };
  };
  return audited(actor, entityId, save, context);
}

/** The checklist as rows: the default one is written down when somebody first changes it. */
async function writtenDown(
  client: pg.PoolClient,
  entityId: string,
  actor: Actor,
  at: Date,
): Promise<readonly Template[]> {
  await client.query("SELECT FROM entity WHERE id = $1 FOR SHARE", [entityId]);
  const { rowCount } = await client.query("SELECT FROM close_template WHERE entity_id = $1", [entityId]);
  if (rowCount === 0)
    for (const template of defaultTemplates(entityId))
      await writeTemplate(client, entityId, template, { actor, at, retire: false });
  return findTemplates(client, entityId);
}

async function writeTemplate(
  client: pg.PoolClient,
  entityId: string,
  template: Template,
  { actor, at, retire }: Readonly<{ actor: Actor; at: Date; retire: boolean }>,
): Promise<void> {
  await client.query(
    `INSERT INTO close_template (entity_id, id, position, title, what, rule, owner_team, owner_id, reviewer_id, needs_review, due_day,
       after, retired_at, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::uuid[], $13, $14, $15)
     ON CONFLICT (entity_id, id) DO UPDATE SET title = excluded.title, what = excluded.what, owner_team = excluded.owner_team,
       owner_id = excluded.owner_id, reviewer_id = excluded.reviewer_id, needs_review = excluded.needs_review,
       due_day = excluded.due_day, after = excluded.after, retired_at = excluded.retired_at, set_at = excluded.set_at,
       set_by = excluded.set_by`,
    [
      entityId,
      template.id,
      template.position,
      template.title,
      template.what,
      template.rule,
      template.ownerTeam,
      template.ownerId,
      template.reviewerId,
      template.needsReview,
      template.dueDay,
      template.after,
      retire ? at : null,
      at,
      actor.name,
    ],
  );
}

/** Ends the act where a task would wait for itself. */
function assertOrder(templates: readonly Template[]): void {
  const byId = new Map(templates.map((one) => [one.id, one]));
  const seen = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) throw new Refusal("invalid", `“${byId.get(id)?.title}” would come after itself.`);
    if (seen.has(id)) return;
    for (const before of byId.get(id)?.after ?? []) visit(before, [...path, id]);
    seen.add(id);
  };
  for (const { id } of templates) visit(id, []);
}
