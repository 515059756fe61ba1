import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { roles, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { type Day, dayIn } from "@/lib/domain/day";
import { closeDay } from "@/lib/domain/working-days";
import { findPeople, findTeams } from "@/lib/exceptions/one";
import { loadDueRules } from "@/lib/matching/due";
import { type Fact, judge } from "./facts";
import { findFacts } from "./find-facts";
import { findUndone } from "./journals";
import { openWorkOf } from "./open-work";
import { findPeriod } from "./state";
import { type Done, findDone, isComplete } from "./tasks";
import { findTemplates, type Template } from "./templates";

/** A link or a file that shows that a task was done. */
export type Evidence = Readonly<{
  id: string;
  templateId: string;
  name: string;
  url: string | null;
  sha256: string | null;
  addedAt: Date;
  addedBy: string;
}>;

/** A task of a month as the page shows it. */
export type Task = Readonly<{
  template: Template;
  due: Day;
  overdue: boolean;
  /** of a task that completes by itself: what is so */
  fact: Fact | null;
  done: Done | null;
  complete: boolean;
  /** tasks that it comes after and that are not complete */
  waitsFor: readonly string[];
  owner: string;
  reviewer: string | null;
  evidence: readonly Evidence[];
}>;

/** The roles whose grants let a person work on a checklist. */
const workingRoles = roles.filter((role) => roleTable[role].permissions.includes("close.tasks"));

/** The checklist of a month: what is complete, by whom or by which fact, and what comes when. */
export const loadChecklist = cache(async (entityId: string, month: string) => {
  const { actor, entity } = await pageEntities("close.read", entityId);
  if (!entity || entity.id !== entityId) notFound();
  const pool = appPool();
  const now = new Date();
  const [templates, done, facts, { calendar }, people, teams, period, undone, evidence] = await Promise.all([
    findTemplates(pool, entityId),
    findDone(pool, entityId, month),
    findFacts(pool, entityId, month, now),
    loadDueRules(pool, entityId),
    findPeople(entityId, workingRoles),
    findTeams(),
    findPeriod(pool, entityId, month),
    findUndone(pool, entityId, month),
    pool.query<Evidence>(
      `SELECT id, template_id AS "templateId", name, url, sha256, added_at AS "addedAt", added_by AS "addedBy" FROM close_evidence
        WHERE entity_id = $1 AND month = $2 AND removed_at IS NULL ORDER BY added_at, id`,
      [entityId, month],
    ),
  ]);
  const nameOf = (id: string | null) => people.find((one) => one.id === id)?.name ?? null;
  const teamOf = (id: string) => teams.find((one) => one.id === id)?.name ?? id;
  const today = dayIn(now, entity.timeZone);
  const judged = templates.map((template) => {
    const fact = template.rule === null ? null : judge(template.rule, facts);
    const did = done.get(template.id) ?? null;
    return { template, fact, did, complete: fact ? fact.holds : isComplete(template, did ?? undefined) };
  });
  const tasks: readonly Task[] = judged.map(({ template, fact, did, complete }) => {
    const due = closeDay(month, template.dueDay, calendar);
    return {
      template,
      fact,
      done: did,
      complete,
      due,
      overdue: !complete && due < today,
      waitsFor: judged
        .filter((one) => template.after.includes(one.template.id) && !one.complete)
        .map((one) => one.template.title),
      owner: nameOf(template.ownerId) ?? teamOf(template.ownerTeam),
      reviewer: template.needsReview ? (nameOf(template.reviewerId) ?? "anybody else") : null,
      evidence: evidence.rows.filter((one) => one.templateId === template.id),
    };
  });
  return {
    entityId,
    month,
    tasks,
    /** what whoever signs or closes the month is told */
    open: openWorkOf(templates, done, facts, undone),
    people,
    teams,
    me: actor.id,
    closed: period?.state === "closed",
    known: period !== null,
    may: {
      work: may(actor, "close.tasks", entityId),
      change: may(actor, "close.templates", entityId),
    },
  } as const;
});

export type ChecklistView = Awaited<ReturnType<typeof loadChecklist>>;
