import type { Month } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import type { Missing } from "@/lib/domain/missing";
import type { KnownAmounts } from "@/lib/domain/money";
import type { Work } from "./work";

/**
 * How to add a cause: one file in this folder that exports a `defineCause({…})`, and one line in registry.ts at the
 * place its certainty earns. The file holds everything that is said of it: code, title, owner, severity, resolution,
 * manual text. A cause is claimed only when recomputing with it reproduces the figures; never because a difference
 * is small. Each explainer sees the whole group and what is still unexplained, and may claim in four ways:
 *
 *   aside     lines that stand alone (missing, duplicated, cancelled): they leave the group as a pair of their own
 *   recast    ERP lines that are of another item, or in another currency, than they say: they pair as what they are
 *   correct   an ERP line as it would be without the fault: the amount is corrected − actual
 *   residual  what is left of a pair's difference, in given amounts
 *
 * aside and recast belong to `structure`, correct to `pairs`, residual to `residual`.
 */
export type Effect =
  | Readonly<{ kind: "aside"; lineIds: readonly string[] }>
  | Readonly<{ kind: "recast"; lines: readonly GroupLine[] }>
  | Readonly<{ kind: "correct"; lines: readonly GroupLine[]; touches?: readonly string[] }>
  | Readonly<{ kind: "residual"; parts: readonly ResidualPart[] }>;

export type ResidualPart = Readonly<{ pairId: string; period: Month; amounts: KnownAmounts }>;

/** What a claim is about; with the cause it makes the identity of an exception. No amounts, no database ids. */
export type Subject = Readonly<{
  documentKind: DocumentKind;
  /** item key, ERP document's id at its source, or "" for the whole order */
  sourceLine: string;
  /** number of the ERP document that people will look for */
  documentNumber: string | null;
}>;

export type Claim = Readonly<{
  effect: Effect;
  subject: Subject;
  /** the cause in a sentence, with the figures */
  explanation: string;
  /** the recomputation, step by step; made when somebody looks where that is dear and seldom (see `stepsOf`) */
  steps: readonly string[] | (() => readonly string[]);
  /** what exceptions with one root cause share */
  signature: string;
  /** the mappings that would cure it, where it is the mapping that is wrong and not the ERP */
  missing?: readonly Missing[];
  /** where its pairs go, where that is not where the cause's pairs go: a cut-off clears itself */
  bucket?: Extract<Bucket, "open" | "explained" | "timing">;
}>;

/** The recomputation behind a claim, step by step. */
export const stepsOf = ({ steps }: Claim): readonly string[] =>
  typeof steps === "function" ? steps() : steps;

export type Bucket = "matched" | "explained" | "open" | "accepted" | "timing" | "excluded" | "failed";
export type Severity = "low" | "medium" | "high";
export type Team = "finance" | "operations";

export type Cause = Readonly<{
  /** stable, kebab-case */
  code: string;
  title: string;
  /** when it is claimed, in a sentence for people */
  meaning: string;
  defaultOwner: Team;
  severity: Severity;
  /** where its pairs go: somebody must act (open), or nothing is to be done */
  bucket: Extract<Bucket, "open" | "explained" | "timing">;
  /**
   * `general`: whatever differs in this way is this (another price, another quantity). It never puts a particular
   * cause in doubt, which proves more: that the unit was cancelled, that the voucher was moved.
   */
  certainty: "particular" | "general";
  /**
   * Whether people may accept its exceptions as they are: `never` where only a proof ends them (a record is read again, a
   * difference is explained), one by one, or also by a rule. A rule is for attributes of what both sides have; where money
   * is missing on one side, somebody looks at each.
   */
  acceptance: "never" | "single" | "rule";
  /** false: part of the bridge, but no exception */
  raises: boolean;
  /**
   * what it means to people who have the customer on the line, what that customer may be told where they notice it, and what
   * is done next, where the resolution speaks of what they don't know. `refundUnsure`: the customer is told no amount of a refund
   * while it is open
   */
  plain?: Readonly<{ words: string; customer?: string; next?: string; refundUnsure?: true }>;
  /** the first resolution, in words */
  resolution: string;
  manual: string;
  /** looks at whole documents, before lines are paired */
  structure?(work: Work): readonly Claim[];
  /** looks at pairs, after lines are paired */
  pairs?(work: Work): readonly Claim[];
  /** looks at what is left of the pairs' differences, after all corrections */
  residual?(work: Work): readonly Claim[];
}>;

/** A cause; particular and accepted one by one unless it says otherwise. */
export const defineCause = (
  cause: Omit<Cause, "certainty" | "acceptance"> & Partial<Pick<Cause, "certainty" | "acceptance">>,
): Cause => ({
  certainty: "particular",
  acceptance: "single",
  ...cause,
});
