import { allAtCutOff } from "@/lib/domain/cut-off";
import { formatAmount, type Minor } from "@/lib/domain/money";
import type { CutOff } from "@/lib/sync/data-cut-off";
import type { LateLeft } from "./late-left";
import { proofTitle } from "./readiness";
import type { TaskRule, Totals } from "./schema";

/** What a month's automatic tasks are judged by. Amounts in minor units of the entity's currency. */
export type Facts = Readonly<{
  totals: readonly Totals[];
  cutOff: CutOff | null;
  /** what people must still act on, each without its sign, by currency */
  debt: readonly Readonly<{ currency: string; extent: Minor; count: number }>[];
  materiality: Minor;
  currency: string;
  /** open exceptions of causes that leave the tax of a line unsaid or wrong */
  taxOpen: number;
  /** what came late to closed months and is proposed for this one, and what journals stand for of it */
  late: readonly LateLeft[];
}>;

/** The causes that leave the tax of a line unsaid or wrong. */
export const TAX_CAUSES = [
  "tax-code-missing",
  "tax-code-wrong",
  "tax-not-recalculated",
  "shipping-tax-basis",
];

/** Whether a fact holds, and what is so in a sentence. */
export type Fact = Readonly<{ holds: boolean; says: string }>;

const yes = (says: string): Fact => ({ holds: true, says });
const no = (says: string): Fact => ({ holds: false, says });

/** Judges a rule by the facts as they are now: a task completes by itself, and stops being complete when they change. */
export function judge(rule: TaskRule, facts: Facts): Fact {
  if (facts.totals.length === 0 && rule !== "feeds-at-cut-off" && rule !== "late-arrivals-none")
    return no("Nothing of this month has been reconciled yet.");
  return RULES[rule](facts);
}

const RULES: Readonly<Record<TaskRule, (facts: Facts) => Fact>> = {
  "feeds-at-cut-off": ({ cutOff }) => {
    if (!cutOff || cutOff.feeds.length === 0) return no("No feed of this entity is read from a system.");
    const state = allAtCutOff(cutOff.feeds.map((feed) => feed.state));
    if (state === "current") return yes("All feeds were confirmed up to the cut-off.");
    const waiting = cutOff.feeds.filter((feed) => feed.state !== "current").length;
    return no(
      state === "to-come"
        ? "The cut-off is still to come."
        : `${counted(waiting, "feed")} not confirmed so far.`,
    );
  },
  "proof-green": ({ totals }) => {
    const broken = totals.flatMap(({ proofs }) =>
      proofs.filter((proof) => !proof.ok && proof.name !== "nothing-unexplained"),
    );
    const [first] = broken;
    return first ? no(`${proofTitle(first.name)}: ${first.detail ?? "no"}.`) : yes("Every proof holds.");
  },
  "nothing-unexplained": ({ totals }) => {
    const open = totals.filter((one) => one.unexplained.count > 0);
    if (open.length === 0) return yes("Every difference is explained.");
    return no(
      `${open.map(({ unexplained, currency }) => `${formatAmount(unexplained.gross, currency)} ${currency} on ${counted(unexplained.count, "subject")}`).join(", ")} unexplained.`,
    );
  },
  "debt-below-materiality": ({ debt, materiality, currency }) => {
    const limit = `${formatAmount(materiality, currency)} ${currency}`;
    const open = debt.filter((one) => one.count > 0);
    if (open.length === 0) return yes("Nobody has anything left to act on.");
    const words = open
      .map(
        (one) =>
          `${formatAmount(one.extent, one.currency)} ${one.currency} on ${counted(one.count, "exception")}`,
      )
      .join(", ");
    // Other currencies are never converted: any debt in them is above it.
    const isBelow = open.every((one) => one.currency === currency && one.extent < materiality);
    return isBelow
      ? yes(`${words}: below materiality (${limit}).`)
      : no(`${words}: not below materiality (${limit}).`);
  },
  "tax-ties": ({ totals, taxOpen }) => {
    if (taxOpen > 0) return no(`${counted(taxOpen, "exception")} of tax codes or tax still open.`);
    const off = totals.find(
      ({ scayle, erp, causes, unexplained }) =>
        unexplained.tax !== 0n ||
        causes.reduce((rest, cause) => rest - cause.tax, scayle.tax - unexplained.tax) !== erp.tax,
    );
    return off
      ? no(`The tax in ${off.currency} is not explained.`)
      : yes("The tax of both sides is explained to the cent.");
  },
  "late-arrivals-none": ({ late }) => {
    if (late.length === 0) return yes("Nothing came to closed months.");
    const came = `${counted(
      late.reduce((all, one) => all + one.count, 0),
      "order",
    )} came to closed months`;
    const open = late.filter(({ gross, tax, approved }) => gross !== approved.gross || tax !== approved.tax);
    if (open.length > 0) {
      const amounts = open.map(
        ({ gross, tax, approved, currency }) =>
          `${formatAmount(gross - approved.gross, currency)} ${currency} (tax ${formatAmount(tax - approved.tax, currency)})`,
      );
      return no(
        `${came}: no approved journal stands for ${amounts.join(", ")} of it, nor the decision that none is needed.`,
      );
    }
    return late.every(({ approved }) => approved.gross === 0n && approved.tax === 0n)
      ? yes(`${came}, and what lies between both sides is together as it was: nothing is left to correct.`)
      : yes(`${came}: approved journals and decisions stand for all of it.`);
  },
};

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
