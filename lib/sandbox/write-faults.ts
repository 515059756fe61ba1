import { z } from "zod";
import { Refused, type Reply } from "@/lib/sandbox/http";
import { makeRandom } from "@/lib/sandbox/random";
import { later, type Write } from "@/lib/sandbox/writes";

/** What can be asked of either system that changes something. */
export const WRITE_KINDS = [
  "refund",
  "line-values",
  "stock",
  "fulfilment",
  "reference-key",
  "draft",
  "line",
  "post",
  "cancel",
  "delete",
  "journal",
  "journal-line",
  "journal-post",
] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/**
 * What can go wrong with a write: it is refused; it takes effect later; a part of it is done; it is done and the answer
 * lost; it is accepted and nothing happens; the system fails before, or after, it was done.
 */
export const WRITE_FAULTS = [
  "reject",
  "delay",
  "partial",
  "lost",
  "ignored",
  "error-before",
  "error-after",
] as const;
type WriteFault = (typeof WRITE_FAULTS)[number];

/** A fault that is to happen to the next writes it fits. */
export const faultRuleSchema = z.strictObject({
  fault: z.enum(WRITE_FAULTS),
  on: z.enum([...WRITE_KINDS, "any"]).default("any"),
  /** only to writes about the order of this reference, or the item of this SKU */
  order: z.string().min(1).optional(),
  /** how many writes it happens to */
  times: z.number().int().min(1).max(1_000_000).default(1),
  /** how likely each that fits is hit */
  chance: z.number().min(0).max(1).default(1),
  /** of a delay: how long until it takes effect */
  seconds: z.number().min(0).max(86_400).default(2),
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** A write that a system has looked at: what it answers, and what happens by it. */
export type Decision = Readonly<{ reply: Reply; happened: readonly Write[] }>;

/** A write on its way through a system. */
export type Asked = Readonly<{
  kind: WriteKind;
  /** the order that it is about */
  reference: string;
  at: number;
  /** Decides it; `partial`: only a part of it. Refuses what it would refuse by itself. */
  decide(partial: boolean): Decision;
  /** How the system refuses it where nothing is wrong with it. */
  refusal: Refused;
}>;

export type WriteFaults = Readonly<{
  add(rule: FaultRule): void;
  clear(): void;
  /** Those that are still to happen. */
  left(): readonly FaultRule[];
  /** Carries a write out, or lets it go wrong. `apply` lets happen what it comes to. */
  carryOut(asked: Asked, apply: (happened: readonly Write[]) => void): Reply;
}>;

/** The faults of one sandbox; which of several writes a chance hits follows from the seed. */
export function makeWriteFaults(seed: number): WriteFaults {
  let rules: FaultRule[] = [];
  let count = 0;

  const next = ({ kind, reference }: Asked): FaultRule | null => {
    count += 1;
    const found = rules.find(
      ({ on, order, chance }, index) =>
        (on === "any" || on === kind) &&
        (order === undefined || order === reference) &&
        (chance >= 1 || makeRandom(seed, "write-fault", count, index).chance(chance)),
    );
    if (!found) return null;
    rules = rules.flatMap((rule) => {
      if (rule !== found) return [rule];
      return rule.times > 1 ? [{ ...rule, times: rule.times - 1 }] : [];
    });
    return found;
  };

  return {
    add: (rule) => {
      rules = [...rules, rule];
    },
    clear: () => {
      rules = [];
    },
    left: () => rules,
    carryOut(asked, apply) {
      const rule = next(asked);
      const fault: WriteFault | null = rule?.fault ?? null;
      if (fault === "error-before") throw BROKEN;
      if (fault === "reject") throw asked.refusal;
      const { reply, happened } = asked.decide(fault === "partial");
      if (fault === "ignored") return reply;
      const wait = fault === "delay" ? Math.round((rule?.seconds ?? 0) * 1000) : 0;
      apply(happened.map((one) => later(one, wait)));
      if (fault === "error-after") throw BROKEN;
      return fault === "lost" ? { ...reply, cut: true } : reply;
    },
  };
}

const BROKEN = new Refused(500, "Internal_ServerError", "The system failed for a reason of its own.");
