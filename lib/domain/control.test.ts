import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { addSums, hash64, lineSums, NO_LINES, negatedSums, totalSums } from "./control";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe("the hash of a line", () => {
  it("is what PostgreSQL makes of the same text, whatever its length and letters", async () => {
    const texts = fc
      .sample(fc.string({ unit: "binary", maxLength: 60 }), { numRuns: 3000, seed: 7 })
      .map((text) => text.replaceAll("\u0000", "").replace(/\p{Surrogate}/gu, ""));
    const all = ["", "a", "ab", "Größe", "x".repeat(12), "x".repeat(13), "ü".repeat(36), ...texts];
    const { rows } = await database.ownerPool.query<{ hash: bigint }>(
      "SELECT hashtextextended(text, 0) AS hash FROM unnest($1::text[]) WITH ORDINALITY AS t(text, place) ORDER BY place",
      [all],
    );
    expect(all.map(hash64)).toEqual(rows.map((row) => row.hash));
  });

  it("adds up modulo 2^64 as the database's sum does", async () => {
    const hashes = fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
      numRuns: 400,
      seed: 3,
    });
    const here = hashes.reduce((sum, hash) => BigInt.asIntN(64, sum + hash), 0n);
    const { rows } = await database.ownerPool.query<{ sum: bigint }>(
      "SELECT tieout_mod64(sum(hash)) AS sum FROM unnest($1::bigint[]) AS hash",
      [hashes.map(String)],
    );
    expect(rows[0]?.sum).toBe(here);
  });
});

describe("sums of lines", () => {
  const amount = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
  const line = fc.record({
    id: fc.string({ maxLength: 8 }),
    net: fc.option(amount),
    tax: fc.option(amount),
    gross: amount,
  });
  const sumsOf = (one: { id: string; net: bigint | null; tax: bigint | null; gross: bigint }) =>
    lineSums("order", one.id, one);

  it("don't depend on the order, and what is added can be taken away", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const sums = lines.map(sumsOf);
        expect(totalSums([...sums].reverse())).toEqual(totalSums(sums));
        expect(addSums(totalSums(sums), negatedSums(totalSums(sums)))).toEqual({ ...NO_LINES });
      }),
    );
  });

  it("tell a changed cent, a line that is there twice and one that is missing", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        const [first = { id: "", net: 0n, tax: 0n, gross: 0n }] = lines;
        const all = totalSums(lines.map(sumsOf));
        expect(totalSums([...lines, first, first].map(sumsOf)).figures).not.toBe(all.figures);
        expect(totalSums(lines.slice(1).map(sumsOf)).figures).not.toBe(all.figures);
        const moved = { ...first, gross: first.gross + 1n };
        expect(totalSums([moved, ...lines.slice(1)].map(sumsOf)).figures).not.toBe(all.figures);
      }),
    );
  });
});
