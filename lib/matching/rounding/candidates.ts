import type { RoundingPolicy } from "@/lib/domain/tax/policy";

const MODES = ["half-up", "half-even"] as const;
const FIRSTS = ["tax", "net"] as const;

const policiesOf = (levels: readonly RoundingPolicy["level"][]): readonly RoundingPolicy[] =>
  levels.flatMap((level) =>
    MODES.flatMap((mode) => FIRSTS.map((first) => ({ level, mode, basis: "gross" as const, first }))),
  );

/** How a ledger may round: once per document and rate, per line or per unit; the document states whether its prices include tax. */
const LEDGER = policiesOf(["document", "line", "unit"]);

/** How SCAYLE may take an item's net out of its price: items are single units. Its own rule first, since equals keep this order. */
const SCAYLE: readonly RoundingPolicy[] = [...policiesOf(["unit"])].sort((a, b) =>
  a.first === b.first ? 0 : a.first === "net" ? -1 : 1,
);

/** The policies that are held against the documents of a kind of connection. */
export const candidatesFor = (kind: string): readonly RoundingPolicy[] =>
  kind === "scayle" ? SCAYLE : LEDGER;

/** Whether two policies are the same in everything. */
export const isSamePolicy = (a: RoundingPolicy, b: RoundingPolicy): boolean =>
  a.level === b.level && a.mode === b.mode && a.basis === b.basis && a.first === b.first;
