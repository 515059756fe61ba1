import "server-only";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { addMonths, dayIn } from "@/lib/domain/day";
import { absolute } from "@/lib/domain/money";
import { findTeams } from "@/lib/exceptions/one";
import { findCutOff } from "@/lib/sync/data-cut-off";
import { explainedOf } from "./bridge";
import { judge } from "./facts";
import { findLate, type LateSum } from "./late";
import { findLateLeft } from "./late-left";
import { findMonths, type MonthRead, nextUpOf, stateOf } from "./overview";
import { OverviewQuery } from "./schema";
import { findDone, isComplete } from "./tasks";
import { findTemplates, type Template } from "./templates";

type Entity = Readonly<{ id: string; name: string; currency: string; timeZone: string }>;

/** All months of all entities that the reader may see: how each stands, what is left of it, and whose turn it is. */
export async function loadOverview(params: Record<string, string | string[] | undefined>) {
  const query = OverviewQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const pool = appPool();
  const now = new Date();
  const from = addMonths(now.toISOString().slice(0, 7), 1 - query.months);
  const ids = entities.map((one) => one.id);
  const [months, templates, teams, { rows: earlier }] = await Promise.all([
    findMonths(pool, ids, from),
    Promise.all(entities.map(async ({ id }) => [id, await findTemplates(pool, id)] as const)),
    findTeams(),
    pool.query("SELECT FROM period WHERE entity_id = ANY ($1) AND month < $2 LIMIT 1", [ids, from]),
  ]);
  const templatesOf = new Map(templates);
  const teamOf = (template: Template) =>
    teams.find((one) => one.id === template.ownerTeam)?.name ?? template.ownerTeam;
  const rows = await Promise.all(
    months.flatMap((month) => {
      const of = entities.find((one) => one.id === month.entityId);
      return of ? [rowOf(of, month, templatesOf.get(of.id) ?? [], { now, teamOf })] : [];
    }),
  );
  return { entities, entity, rows, months: query.months, hasEarlier: earlier.length > 0 } as const;
}

export type OverviewRow = Awaited<ReturnType<typeof rowOf>>;

async function rowOf(
  entity: Entity,
  month: MonthRead,
  templates: readonly Template[],
  { now, teamOf }: Readonly<{ now: Date; teamOf: (template: Template) => string }>,
) {
  const isClosed = month.state === "closed";
  const late = isClosed ? (await findLate(appPool(), entity.id, month.month, 0)).sums : [];
  // The checklist of a closed month stands as it was; nobody has to look at it any more.
  const tasks = isClosed ? null : await tasksOf(entity, month, templates, now);
  const left = tasks?.filter((one) => !one.complete).map((one) => one.template) ?? [];
  const ended = dayIn(now, entity.timeZone).slice(0, 7) > month.month;
  return {
    entity,
    month: month.month,
    /** whether the month is over where the entity keeps its books */
    ended,
    state: stateOf(month),
    signed: month.signed,
    signers: month.reviewers + 1,
    asOf: month.asOf,
    currencies: month.totals.map((totals) => ({
      currency: totals.currency,
      /** of a closed month what is locked, SCAYLE − ERP, and how many orders came to it later */
      locked: lockedOf(late, totals.currency),
      /** SCAYLE − ERP, and what of it nothing explains; gross */
      difference: totals.scayle.gross - totals.erp.gross,
      explained: explainedOf(totals),
      unexplained: totals.unexplained.gross,
      unexplainedCount: totals.unexplained.count,
      tiesOut: totals.tiesOut,
    })),
    debt: month.debt.filter((one) => one.count > 0 || absolute(one.extent) > 0n),
    progress: tasks && { complete: tasks.length - left.length, of: tasks.length },
    next: nextUpOf({
      ...month,
      ended,
      late: late.reduce((all, one) => all + one.count, 0),
      tasks: left.map((template) => ({ title: template.title, owner: teamOf(template) })),
    }),
  } as const;
}

function lockedOf(late: readonly LateSum[], currency: string) {
  const sum = late.find((one) => one.currency === currency);
  return sum ? { difference: sum.lockedScayle - sum.lockedErp, late: sum.count } : null;
}

async function tasksOf(entity: Entity, month: MonthRead, templates: readonly Template[], now: Date) {
  const pool = appPool();
  const [done, cutOff, late] = await Promise.all([
    findDone(pool, entity.id, month.month),
    findCutOff(entity.id, month.month, now),
    findLateLeft(pool, entity.id, month.month),
  ]);
  const facts = {
    totals: month.totals,
    cutOff,
    debt: month.debt,
    taxOpen: month.taxOpen,
    materiality: month.materiality,
    currency: entity.currency,
    late,
  };
  return templates.map((template) => ({
    template,
    complete:
      template.rule === null
        ? isComplete(template, done.get(template.id))
        : judge(template.rule, facts).holds,
  }));
}
