import { makeRandom } from "@/lib/sandbox/random";

/** Everything that goes wrong in a simulation, by its name in the closing lines. */
export const FAULT_KINDS = [
  "page dropped",
  "page repeated",
  "pages reordered",
  "page cut off",
  "answer 429",
  "answer 5xx",
  "time-out after the write",
  "connection reset",
  "token expired",
  "clock skewed",
  "record changed between pages",
  "older version answered",
  "record committed late",
  "webhook lost",
  "webhook doubled",
  "webhook late",
  "webhooks reordered",
  "process killed",
  "process killed in a COPY",
  "database connection lost",
  "connection lost in a COPY",
  "commit unanswered",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultCounts = Record<FaultKind, number>;

export const noFaults = (): FaultCounts =>
  Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultCounts;

/** The faults of one seed: which kinds it has at all, and where each strikes. */
export type Faults = {
  /** false once they have stopped */
  on: boolean;
  /** part of what decides where a fault strikes, so that a later phase is struck elsewhere */
  phase: string;
  readonly counts: FaultCounts;
  /** each fault that struck, in order: two runs of one seed have the same */
  readonly log: string[];
  /** Whether this kind strikes at this place; counted when it does. */
  strike(kind: FaultKind, place: string, rate?: number): boolean;
  /** How many tries in a row fail at this place (0: none). Nothing is counted. */
  burst(kind: FaultKind, place: string, most: number): number;
  note(kind: FaultKind, place: string): void;
  has(kind: FaultKind): boolean;
};

/** How often a fault strikes where it can, if its kind is among the seed's. */
const RATES: Partial<FaultCounts> = {
  "page dropped": 0.06,
  "token expired": 0.02,
  "webhook lost": 0.25,
  "webhook doubled": 0.3,
  "webhook late": 0.3,
};
const RATE = 0.12;
/** A seed has each kind with this chance: what always rains on everything hides what rains on little. */
const PRESENT = 0.6;

/**
 * Faults as a function of the seed and of the place where they may strike, not of how many were asked about before: a
 * change in one place moves no other, and what runs side by side needs no order.
 */
export function makeFaults(seed: number): Faults {
  const present = new Set(FAULT_KINDS.filter((kind) => makeRandom(seed, "has", kind).chance(PRESENT)));
  const counts = noFaults();
  const log: string[] = [];
  const faults: Faults = {
    on: true,
    phase: "",
    counts,
    log,
    has: (kind) => faults.on && present.has(kind),
    strike: (kind, place, rate = RATES[kind] ?? RATE) => {
      if (!faults.has(kind) || !makeRandom(seed, kind, faults.phase, place).chance(rate)) return false;
      faults.note(kind, place);
      return true;
    },
    burst: (kind, place, most) => {
      if (!faults.has(kind)) return 0;
      const random = makeRandom(seed, kind, faults.phase, place);
      return random.chance(RATES[kind] ?? RATE) ? random.integer(1, most) : 0;
    },
    note: (kind, place) => {
      counts[kind] += 1;
      log.push(`${faults.phase}: ${kind} at ${place}`);
    },
  };
  return faults;
}
