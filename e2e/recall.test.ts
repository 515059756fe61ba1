import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { FAULT_NAMES } from "@/lib/sandbox/model";
import { type BySubject, emptied, exceptions, found, planted, reconciled } from "./support/sandbox-world";

/*
 * How much of what is wrong is found as what it is, with its amounts to the cent, and how much of what is found is so:
 * per cause, over ten worlds in which orders bear up to three faults at once, beside the cents that both sides round.
 */

const SEEDS = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110];
const WORLD = { orders: 900, faultsPerKind: 6, faults: "planted" } as const;
const LEAST = 0.99;

type Score = { planted: number; found: number; right: number };

const scores = new Map<string, Score>();
let database: TestDatabase;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
});
afterAll(() => database.close());

function score(cause: string): Score {
  const known = scores.get(cause) ?? { planted: 0, found: 0, right: 0 };
  scores.set(cause, known);
  return known;
}

const causeOf = (subject: string) => subject.split(" ")[0] ?? subject;

function count(truth: BySubject, said: BySubject): void {
  for (const subject of truth.keys()) score(causeOf(subject)).planted += 1;
  for (const [subject, amounts] of said) {
    const mine = score(causeOf(subject));
    mine.found += 1;
    if (truth.get(subject) === amounts) mine.right += 1;
  }
}

/** Each subject on which both disagree, with what either says of it. */
function disagreements(seed: number, truth: BySubject, said: BySubject): string[] {
  const subjects = [...new Set([...truth.keys(), ...said.keys()])].sort();
  return subjects
    .filter((subject) => truth.get(subject) !== said.get(subject))
    .map((subject) => {
      const say = (side: BySubject) => (side.has(subject) ? `[${side.get(subject)}]` : "nothing");
      return `seed ${seed} ${subject}: planted ${say(truth)}, found ${say(said)}`;
    });
}

const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);

function table(): string {
  const header = ["cause", "planted", "found", "right", "precision", "recall"];
  const rows = [...scores]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([cause, { planted: all, found: said, right }]) => [
      cause,
      ...[all, said, right].map(String),
      ...[share(right, said), share(right, all)].map((ratio) => ratio.toFixed(4)),
    ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return [header, ...rows].map(line).join("\n");
}

it.each(SEEDS)(
  "tells the planted from the found in the world of seed %i",
  { timeout: 300_000 },
  async (seed) => {
    await emptied(database.ownerPool);
    const world = await reconciled(database.ownerPool, { seed, ...WORLD });
    const truth = planted(world);
    const said = found(await exceptions(database.ownerPool));
    count(truth, said);
    const differing = disagreements(seed, truth, said);
    if (differing.length > 0) console.info(differing.join("\n"));
    expect(truth.size).toBeGreaterThan(250);
  },
);

it("finds each cause with a precision and a recall of at least 0.99", () => {
  console.info(`${SEEDS.length} worlds of ${WORLD.orders} orders:\n${table()}`);
  const planted = FAULT_NAMES.filter((cause) => score(cause).planted < 50);
  expect(planted).toEqual([]);
  const weak = [...scores].filter(
    ([, one]) => share(one.right, one.found) < LEAST || share(one.right, one.planted) < LEAST,
  );
  expect(weak).toEqual([]);
});
