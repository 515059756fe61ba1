import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { roles, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { type Day, dayIn } from "@/lib/domain/day";
import { closeDay } from "@/lib/domain/working-days";
import { openStates } from "@/lib/exceptions/machine";
import { findPeople, findTeams } from "@/lib/exceptions/one";
import { loadDueRules } from "@/lib/matching/due";
import { findCutOff } from "@/lib/sync/data-cut-off";
import { type Fact, type Facts, judge, TAX_CAUSES } from "./facts";
import { findLate, monthsCarriedInto } from "./late";
import { findPeriod, policyOf, totalsOf } from "./state";
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

/** What is still open of a month: by currency, each exception without its sign; and how many of it are about tax. */
async function debtOf(
  entityId: string,
  month: string,
): Promise<Readonly<{ debt: Facts["debt"]; taxOpen: number }>> {
  const { rows } = await appPool().query<{ currency: string; extent: bigint; count: number; tax: number }>(
    `SELECT currency, coalesce(sum(greatest(abs(net), abs(tax), abs(gross))), 0)::bigint AS extent, count(*)::int AS count,
            count(*) FILTER (WHERE cause = ANY ($5))::int AS tax
       FROM exception WHERE entity_id = $1 AND state = ANY ($3) AND (period = $2 OR amounts @> $4::jsonb) GROUP BY 1 ORDER BY 1`,
    [entityId, month, [...openStates], JSON.stringify([{ period: month }]), TAX_CAUSES],
  );
  return {
    debt: rows.map(({ currency, extent, count }) => ({ currency, extent, count })),
    taxOpen: rows.reduce((all, row) => all + row.tax, 0),
  };
}

async function factsOf(entityId: string, month: string, now: Date): Promise<Facts> {
  const pool = appPool();
  const [{ totals }, cutOff, { debt, taxOpen }, policy, carried] = await Promise.all([
    totalsOf(pool, entityId, month),
    findCutOff(entityId, month, now),
    debtOf(entityId, month),
    policyOf(pool, entityId),
    monthsCarriedInto(pool, entityId, month),
  ]);
  const late = await Promise.all(carried.map((from) => findLate(pool, entityId, from, 0)));
  return {
    totals,
    cutOff,
    debt,
    taxOpen,
    materiality: policy.materiality,
    currency: policy.currency,
    late: late.flatMap(({ sums }) => sums).reduce((all, one) => all + one.count, 0),
  };
}

/** The checklist of a month: what is complete, by whom or by which fact, and what comes when. */
export const loadChecklist = cache(async (entityId: string, month: string) => {
  const { actor, entity } = await pageEntities("close.read", entityId);
  if (!entity || entity.id !== entityId) notFound();
  const pool = appPool();
  const now = new Date();
  const [templates, done, facts, { calendar }, people, teams, period, evidence] = await Promise.all([
    findTemplates(pool, entityId),
    findDone(pool, entityId, month),
    factsOf(entityId, month, now),
    loadDueRules(pool, entityId),
    findPeople(entityId, workingRoles),
    findTeams(),
    findPeriod(pool, entityId, month),
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
