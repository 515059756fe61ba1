import { FAULT_KINDS, type FaultCounts, noFaults } from "./faults";
import type { SeedReport } from "./seed";

/** What many seeds came to. */
export type Totals = {
  seeds: number;
  records: number;
  named: number;
  lost: number;
  duplicates: number;
  failing: SeedReport[];
  faults: FaultCounts;
};

export const noTotals = (): Totals => ({
  seeds: 0,
  records: 0,
  named: 0,
  lost: 0,
  duplicates: 0,
  failing: [],
  faults: noFaults(),
});

export const holds = ({ lost, duplicates, wrong }: SeedReport): boolean =>
  lost.length + duplicates.length + wrong.length === 0;

export function addSeed(totals: Totals, report: SeedReport): void {
  totals.seeds += 1;
  totals.records += report.records;
  totals.named += report.named;
  totals.lost += report.lost.length;
  totals.duplicates += report.duplicates.length;
  for (const kind of FAULT_KINDS) totals.faults[kind] += report.faults[kind];
  if (!holds(report)) totals.failing.push(report);
}

/** What a failing seed says, and how to see it again. */
export const wordsOfFailure = ({ seed, lost, duplicates, wrong }: SeedReport): string =>
  [
    `Seed ${seed} fails. Again: npm run simulate -- --seed ${seed}`,
    ...lost.map((id) => `  lost: ${id}`),
    ...duplicates.map((id) => `  twice: ${id}`),
    ...wrong.map((what) => `  ${what}`),
  ].join("\n");

const seedsOf = ({ failing }: Totals): string =>
  failing.length === 0 ? "" : `: ${failing.map(({ seed }) => seed).join(", ")}`;

/** The closing lines: seeds, faults by kind, records lost, duplicates, which seeds fail. */
export function closingLines(totals: Totals, seconds: number): string {
  const all = FAULT_KINDS.reduce((sum, kind) => sum + totals.faults[kind], 0);
  return [
    `${totals.seeds} seeds, ${totals.records} records at their sources, ${all} faults, in ${seconds.toFixed(1)} s:`,
    ...FAULT_KINDS.map((kind) => `  ${String(totals.faults[kind]).padStart(7)} ${kind}`),
    `${totals.named} records that pages left out were named by a second count and found by a full reading.`,
    `${totals.lost} records lost, ${totals.duplicates} duplicates, ${totals.failing.length} seeds fail${seedsOf(totals)}.`,
  ].join("\n");
}
