import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { aliasOf, hashOf, idOf, orderKeyOf, strayKeyOf } from "./identity";

describe("identity in the database and here", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  test("a natural key has the same id in SQL as in TypeScript, whatever is written in it", async () => {
    const part = fc
      .string({ unit: "grapheme" })
      .filter((text) => !text.includes("\u0000") && !text.includes("\u001f"));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const { rows } = await database.ownerPool.query<{ id: string }>(
          "SELECT tieout_id(array_to_string($1::text[], chr(31))) AS id",
          [parts],
        );
        expect(idOf(...parts)).toBe(rows[0]?.id);
      }),
      { numRuns: 50 },
    );
  });
});

describe("keys", () => {
  test("an id is a uuid that never changes", () => {
    // A change here would part every stored row from its identity.
    expect(idOf("order", "c1", "1001")).toBe(orderKeyOf("c1", "1001"));
    expect(orderKeyOf("c1", "1001")).toBe("17c6fd7c-b88e-fcd4-d6c5-d9ead6ed8e1f");
    expect(strayKeyOf("c1", "1001")).not.toBe(orderKeyOf("c1", "1001"));
  });

  test("parts are kept apart: moving a letter across their border makes another id", () => {
    expect(idOf("ab", "c")).not.toBe(idOf("a", "bc"));
    expect(idOf("a", "")).not.toBe(idOf("a"));
  });

  test("references are compared trimmed and in lower case", () => {
    expect(aliasOf("  MS-100042 ")).toBe("ms-100042");
  });

  test("a content hash is SHA-256 as hex", () => {
    expect(hashOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
