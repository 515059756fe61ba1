import { afterAll, beforeAll, expect, it } from "vitest";
import { copyOut, textLiteral, uuidsLiteral } from "./copy-out";
import { createTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it("reads back every text as it is, and null as null", async () => {
  const texts = ["", "\\N", "\\", "tab\there", "line\nbreak\r", "ü 🙂 '\"", "\\\\n", "\v\f\b"];
  const client = await database.ownerPool.connect();
  try {
    const values = texts.map((text, index) => `(${index}, ${textLiteral(text)}, NULL)`).join(", ");
    const rows = await copyOut(client, `SELECT * FROM (VALUES ${values}) AS v(n, t, nothing) ORDER BY n`);
    expect(rows).toEqual(texts.map((text, index) => [String(index), text, null]));
    expect(await copyOut(client, "SELECT 1 WHERE false")).toEqual([]);
    expect(await copyOut(client, "SELECT ''")).toEqual([[""]]);
  } finally {
    client.release();
  }
});

it("takes nothing for an id that is none", () => {
  const id = "33333333-3333-3333-3333-333333333333";
  expect(uuidsLiteral([id, id])).toBe(`'{${id},${id}}'::uuid[]`);
  expect(() => uuidsLiteral(["x'}; DROP TABLE line"])).toThrow("is not an id");
});
