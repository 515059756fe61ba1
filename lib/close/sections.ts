import type { Blocker } from "./blockers";
import type { ChecklistView } from "./checklist";
import type { JournalsView } from "./journals-view";
import type { SigningView } from "./signing-view";

/** A part of the month's page: where it is, what it is called, and how it stands in a word or a number. */
export type MonthSection = Readonly<{
  id: string;
  title: string;
  state: Readonly<{
    tone: "agrees" | "explained" | "attention" | "broken" | "neutral";
    words: string;
  }> | null;
}>;

type Given = Readonly<{
  blockers: readonly Blocker[];
  signing: Pick<
    SigningView,
    "period" | "policy" | "standing" | "suspended" | "late" | "locks" | "reopenings"
  > | null;
  checklist: Pick<ChecklistView, "tasks">;
  journals: Pick<JournalsView, "journals" | "corrections">;
  currencies: readonly string[];
}>;

/** The parts of a month's page in their order, those that are there. */
export function sectionsOf({
  blockers,
  signing,
  checklist,
  journals,
  currencies,
}: Given): readonly MonthSection[] {
  const isClosed = signing?.period.state === "closed";
  const blocking = blockers.filter((one) => one.blocks).length;
  const complete = checklist.tasks.filter((one) => one.complete).length;
  const late = signing?.late?.sums.reduce((all, one) => all + one.count, 0) ?? 0;
  const asked = signing?.reopenings.some((one) => one.state === "asked") ?? false;
  const toApprove = journals.journals.filter(
    (one) => one.state === "asked" || one.recallById !== null,
  ).length;
  return [
    ...(isClosed
      ? []
      : [
          {
            id: "readiness",
            title: "Readiness",
            state:
              currencies.length === 0
                ? { tone: "neutral" as const, words: "not reconciled" }
                : blocking > 0
                  ? { tone: "broken" as const, words: blocking === 1 ? "1 blocks" : `${blocking} block` }
                  : { tone: "agrees" as const, words: "nothing blocks" },
          },
        ]),
    ...(signing ? [{ id: "sign-off", title: "Sign-off", state: signState(signing) } as const] : []),
    ...currencies.map((currency) => ({
      id: `bridge-${currency}`,
      title: currencies.length === 1 ? "Bridge" : `Bridge ${currency}`,
      state: null,
    })),
    ...currencies.map((currency) => ({
      id: `causes-${currency}`,
      title: currencies.length === 1 ? "Causes" : `Causes ${currency}`,
      state: null,
    })),
    ...(currencies.length > 0 ? [{ id: "moved", title: "What moved", state: null }] : []),
    {
      id: "checklist",
      title: "Checklist",
      state: {
        tone: complete === checklist.tasks.length ? "agrees" : "neutral",
        words: `${complete} of ${checklist.tasks.length}`,
      },
    },
    {
      id: "corrections",
      title: "Corrections",
      state:
        toApprove > 0
          ? { tone: "attention", words: `${toApprove} to approve` }
          : journals.corrections.length > 0
            ? { tone: "neutral", words: `${journals.corrections.length} left` }
            : null,
    },
    ...(signing?.late
      ? [
          {
            id: "late",
            title: "Late arrivals",
            state: { tone: late > 0 ? "attention" : "agrees", words: late.toLocaleString("en") },
          } as const,
        ]
      : []),
    ...(signing && signing.locks.length > 0
      ? [
          {
            id: "closed",
            title: isClosed ? "Closed" : "Reopened",
            state: asked ? ({ tone: "attention", words: "to decide" } as const) : null,
          },
        ]
      : []),
    { id: "months", title: "Months", state: null },
  ];
}

function signState({
  period,
  suspended,
  standing,
  policy,
}: NonNullable<Given["signing"]>): NonNullable<MonthSection["state"]> {
  if (period.state === "closed") return { tone: "agrees", words: "closed" };
  if (suspended) return { tone: "attention", words: "suspended" };
  const needed = policy.reviewers + 1;
  return {
    tone: standing.length === needed ? "agrees" : "neutral",
    words: `${standing.length} of ${needed} signed`,
  };
}
