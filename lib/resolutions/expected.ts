import { monthName, monthOf } from "@/lib/domain/day";
import { judge, type Wait } from "@/lib/domain/status/judge";
import { missingWords, stepWords } from "@/lib/domain/status/step-words";
import { factsOnceTold, stateOnceTold } from "@/lib/domain/status/told";
import { isTransition } from "@/lib/domain/status/transitions";
import type { Expected, ResolutionContext } from "./contract";

type Told = Pick<ResolutionContext, "today"> &
  Readonly<{
    told: ResolutionContext["told"] | undefined;
    /** goods count as sold when they left (a policy of the entity) */
    countsShipped: boolean;
  }>;

/**
 * What telling SCAYLE of a step is expected to change, and which exceptions of the order it is expected to close: the order is judged
 * again with the step as told. Undefined where the order's facts are not given.
 */
export function expectedOf(
  drift: Wait,
  { told, today, countsShipped }: Told,
  booksDay: string,
): Expected | undefined {
  if (told === undefined) return undefined;
  const { facts, open, readAt, timeZone } = told;
  const after = judge(factsOnceTold(facts, drift, new Date(`${today}T12:00:00Z`)));
  const before = judge(facts);
  const waits = (all: readonly Wait[]) => new Set<string>(all.map((one) => one.transition));
  const left = waits(after.waiting);
  const was = waits(before.waiting);
  const closing = open.filter((step) => !left.has(step) && was.has(step));
  const next = after.waiting.filter((one) => !was.has(one.transition));
  // A shipment counts as sold in the month in which SCAYLE is told of it.
  const [posted, counted] = [monthOf(booksDay), monthOf(today)];
  return {
    name: `order ${facts.reference}`,
    changes: changesOf(drift, told),
    readAt: readAt.toISOString(),
    timeZone,
    closes: closing.map((step) => `Status stuck: ${wordsOf(step)}`),
    besides: [
      ...next.map((one) => `Awaited next: ${stepWords(one.transition)}.`),
      ...(drift.transition === "tell-shipment" && countsShipped && posted !== counted
        ? [
            `SCAYLE will count it as sold in ${monthName(counted)}, and the ERP posted it in ${monthName(posted)}: expect an exception “cut-off” for it.`,
          ]
        : []),
    ],
  };
}

const wordsOf = (step: string): string =>
  isTransition(step) ? missingWords(step, 0) || stepWords(step) : stepWords(step);

function changesOf(drift: Wait, { facts }: NonNullable<ResolutionContext["told"]>): Expected["changes"] {
  if (drift.transition === "reference") {
    const own = facts.reference === facts.publicKey || facts.reference === facts.sourceId;
    return [
      {
        what: "Reference key of the order in SCAYLE",
        before: own ? `none; it goes by ${facts.reference}` : facts.reference,
        after: drift.key ?? "",
      },
    ];
  }
  const after = stateOnceTold(drift);
  if (after === null) return [];
  const named = new Set(drift.items);
  return facts.units
    .filter((unit) => named.has(unit.id))
    .map((unit) => ({
      what: `${unit.sku}, item ${unit.id} in SCAYLE`,
      before: unit.status?.replaceAll("_", " ") ?? "no state",
      after,
    }));
}
