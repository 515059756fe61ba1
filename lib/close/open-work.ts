import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import { type Facts, judge } from "./facts";
import { findFacts } from "./find-facts";
import { findUndone, type Undone } from "./journals";
import type { TaskRule } from "./schema";
import { type Done, findDone, isComplete } from "./tasks";
import { findTemplates, type Template } from "./templates";

/** What is open of a month: whoever signs or closes it is told, and the record of its lock keeps it. */
export type OpenWork = Readonly<{
  tasks: Readonly<{ complete: number; of: number }>;
  /** what is not done or not so, a sentence each; debt and tax always, whether or not the checklist has them */
  open: readonly string[];
  /** what people must still act on, each without its sign, by currency */
  debt: Facts["debt"];
}>;

const SUBJECTS: Readonly<Record<TaskRule, string>> = {
  "feeds-at-cut-off": "Feeds",
  "proof-green": "Proof",
  "nothing-unexplained": "Differences",
  "debt-below-materiality": "Debt",
  "tax-ties": "VAT",
  "late-arrivals-none": "Late arrivals",
};
const ALWAYS: readonly TaskRule[] = ["debt-below-materiality", "tax-ties"];

/** Says what is open of a month, by its checklist and the facts. */
export function openWorkOf(
  templates: readonly Template[],
  done: ReadonlyMap<string, Done>,
  facts: Facts,
  undone: Undone = { asked: [], unbooked: [] },
): OpenWork {
  const factOf = (rule: TaskRule): string | null => {
    const { holds, says } = judge(rule, facts);
    return holds ? null : `${SUBJECTS[rule]}: ${says}`;
  };
  const said = templates.map((template) => {
    if (template.rule !== null) return factOf(template.rule);
    const did = done.get(template.id);
    if (isComplete(template, did)) return null;
    return `“${template.title}” is ${did?.doneAt ? "done, and not reviewed" : "not done"}.`;
  });
  const rest = ALWAYS.filter((rule) => templates.every((one) => one.rule !== rule)).map(factOf);
  return {
    tasks: { complete: said.filter((one) => one === null).length, of: templates.length },
    open: [...said, ...rest, ...journalsOf(undone)].filter((one) => one !== null),
    debt: facts.debt,
  };
}

function journalsOf({ asked, unbooked }: Undone): readonly string[] {
  const named = (numbers: readonly number[]) =>
    `${numbers.length === 1 ? "journal" : "journals"} ${numbers.join(", ")}`;
  return [
    ...(asked.length > 0 ? [`Corrections: ${named(asked)} not decided.`] : []),
    ...(unbooked.length > 0
      ? [`Corrections: ${named(unbooked)} approved, and neither posted nor exported.`]
      : []),
  ];
}

/** What is open of a month as it is now. Throws Refusal "not-found" for an entity that nobody knows. */
export async function findOpenWork(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  now: Date,
): Promise<OpenWork> {
  const [templates, done, facts, undone] = await Promise.all([
    findTemplates(pool, entityId),
    findDone(pool, entityId, month),
    findFacts(pool, entityId, month, now),
    findUndone(pool, entityId, month),
  ]);
  return openWorkOf(templates, done, facts, undone);
}
