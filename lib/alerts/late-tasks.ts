import type pg from "pg";
import { judge } from "@/lib/close/facts";
import { findFacts } from "@/lib/close/find-facts";
import { findDone, isComplete } from "@/lib/close/tasks";
import { findTemplates } from "@/lib/close/templates";
import type { Day, Month } from "@/lib/domain/day";
import { closeDay } from "@/lib/domain/working-days";
import { loadDueRules } from "@/lib/matching/due";

/** Months that people still work on. For SQL on `period`. */
export const IS_OPEN_PERIOD = "state <> 'closed'";

/** A task of a month's checklist that was due and is not complete; `says`: which fact is missing, where facts complete it. */
export type LateTask = Readonly<{ title: string; ownerTeam: string; due: Day; says: string | null }>;

/** The late tasks of a month, first due first. Facts are asked for only where a task that hangs on them is due. */
export async function lateTasksOf(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  today: Day,
  now: Date,
): Promise<readonly LateTask[]> {
  const [templates, done, { calendar }] = await Promise.all([
    findTemplates(pool, entityId),
    findDone(pool, entityId, month),
    loadDueRules(pool, entityId),
  ]);
  const due = templates
    .map((template) => ({ template, due: closeDay(month, template.dueDay, calendar) }))
    .filter((one) => one.due < today)
    .sort((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : a.template.position - b.template.position));
  const facts = due.some((one) => one.template.rule !== null)
    ? await findFacts(pool, entityId, month, now)
    : null;
  return due.flatMap(({ template, due: day }): readonly LateTask[] => {
    const { title, ownerTeam } = template;
    if (template.rule === null || facts === null)
      return isComplete(template, done.get(template.id)) ? [] : [{ title, ownerTeam, due: day, says: null }];
    // What is said of a fact may hold amounts; that of a deadline names none.
    const { holds } = judge(template.rule, facts);
    return holds ? [] : [{ title, ownerTeam, due: day, says: template.what }];
  });
}
