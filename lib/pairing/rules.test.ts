import { describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { applyMappings } from "@/lib/mappings/apply";
import { ReferenceRules } from "@/lib/matching/reference-rules";
import { invoice, order } from "@/lib/sync/store/fixtures";
import { NOW, testBooks } from "./fixtures";
import { previewRules, proposeRules } from "./rules-preview";

const { pool, rows, come, keyOf, strayOf, contexts } = testBooks();
const connectionId = () => contexts().ledger.connectionId;
const rules = (changes: Partial<ReferenceRules>) => ReferenceRules.parse(changes);
type Row = Readonly<{
  part: "beginning" | "ending" | "separators" | "zeros" | "name";
  text: string;
  order?: string;
}>;
const keep = (given: readonly (Row & Readonly<{ validFrom?: string; validUntil?: string }>)[]) =>
  inTransaction(pool(), async (client) => {
    const { rows: held } = await client.query("SELECT part, text FROM reference_rule");
    const of = { connectionId: connectionId() };
    const gone = held.map(({ part, text }) => ({ kind: "reference-gone", ...of, part, text }) as const);
    const stated = given.map((one) => ({ kind: "reference", ...of, order: null, ...one }) as const);
    return applyMappings(client, "E1", [...gone, ...stated], { name: "Test", at: NOW });
  });
const save = (changes: Partial<ReferenceRules>) => {
  const { prefixes, suffixes, separators, leadingZeros } = rules(changes);
  return keep([
    ...prefixes.map((text) => ({ part: "beginning", text }) as const),
    ...suffixes.map((text) => ({ part: "ending", text }) as const),
    ...(separators ? [{ part: "separators", text: separators } as const] : []),
    ...(leadingZeros ? [{ part: "zeros", text: "" } as const] : []),
  ]);
};
const preview = (changes: Partial<ReferenceRules>) =>
  inTransaction(pool(), (client) =>
    previewRules(client, { entityId: "E1", connectionId: connectionId() }, rules(changes)),
  );
const placed = () =>
  rows("SELECT source_id, order_key, placed_by FROM document WHERE side = 'erp' ORDER BY source_id");
const orders = [
  order({ id: "501", reference: "DE-1001" }),
  order({ id: "502", reference: "DE-1002-X" }),
  order({ id: "503", reference: "AT-0007" }),
];
const bare = invoice({ reference: "1001" });
const padded = invoice({ sourceId: "guid-2", number: "INV-2", reference: "DE1002" });
const short = invoice({ sourceId: "guid-3", number: "INV-3", reference: "at 7" });

describe("reference rules", () => {
  it("find the one order that a reference means after what it lost, and leave exact references to themselves", async () => {
    await come(
      ...orders,
      bare,
      padded,
      short,
      invoice({ sourceId: "guid-4", number: "INV-4", reference: "501" }),
    );
    await save({ prefixes: ["DE"], suffixes: ["-@"], separators: "- ", leadingZeros: true });
    expect(await placed()).toEqual([
      { source_id: "guid-1", order_key: keyOf("501"), placed_by: "normalised-reference" },
      { source_id: "guid-2", order_key: keyOf("502"), placed_by: "normalised-reference" },
      { source_id: "guid-3", order_key: strayOf("guid-3"), placed_by: null },
      { source_id: "guid-4", order_key: keyOf("501"), placed_by: "order-reference" },
    ]);
    await save({ prefixes: ["DE", "AT"], suffixes: ["-@"], separators: "- ", leadingZeros: true });
    expect((await placed())[2]).toMatchObject({ order_key: keyOf("503"), placed_by: "normalised-reference" });
  });

  it("come to the same in whatever order records arrive and rules are made", async () => {
    const all = [...orders, bare, padded];
    const change = { prefixes: ["DE"], suffixes: ["-@"], separators: "-" };
    await come(...all);
    await save(change);
    const first = await placed();
    for (const turn of [all, [...all].reverse(), [bare, ...orders, padded]]) {
      for (const table of [
        "line",
        "document",
        "document_version",
        "sales_order",
        "order_alias",
        "alias_form",
      ]) {
        await rows(`DELETE FROM ${table}`);
      }
      await come(...turn);
      expect(await placed()).toEqual(first);
    }
  });

  it("name none of the orders that would share a form, also when the second one arrives later; nor after they end", async () => {
    await save({ prefixes: ["DE-", "AT-"] });
    await come(order({ id: "501", reference: "DE-1001" }), bare);
    expect(await placed()).toMatchObject([{ order_key: keyOf("501") }]);
    await come(order({ id: "502", reference: "AT-1001" }));
    expect(await placed()).toMatchObject([{ order_key: strayOf("guid-1"), placed_by: null }]);
    await save({ prefixes: ["DE-"] });
    expect(await placed()).toMatchObject([{ order_key: keyOf("501") }]);
    await save({});
    expect(await placed()).toMatchObject([{ order_key: strayOf("guid-1"), placed_by: null }]);
    expect(await rows("SELECT FROM alias_form")).toEqual([]);
    expect(await rows("SELECT FROM document WHERE reference_form IS NOT NULL")).toEqual([]);
  });

  it("read no sign of a pattern as an operator", async () => {
    await come(order({ id: "501", reference: "(.*+)1001" }), bare);
    expect(await preview({ prefixes: ["(.*+)"] })).toMatchObject({ won: 1 });
    expect(await preview({ prefixes: [".*"] })).toMatchObject({ won: 0 });
    expect(await preview({ prefixes: ["^", "[", "\\", "$", "{1}", "|"] })).toMatchObject({ won: 0 });
  });

  it("show what they would do before they are saved, collisions included", async () => {
    await come(...orders, order({ id: "504", reference: "AT-1001" }), bare, padded);
    const change = { prefixes: ["DE", "AT"], suffixes: ["-X"], separators: "-" };
    expect(await preview(change)).toEqual({
      won: 1,
      wonGross: [{ currency: "EUR", gross: 11_900n }],
      examples: [{ number: "INV-2", reference: "DE1002", order: "DE-1002-X" }],
      lost: 0,
      ambiguous: 1,
      collisions: 1,
      collisionExamples: [{ form: "1001", orders: ["AT-1001", "DE-1001"] }],
    });
    expect(await rows("SELECT FROM reference_rule")).toEqual([]);
    await save(change);
    expect(await preview({ prefixes: ["AT-"] })).toMatchObject({ won: 1, lost: 1 });
  });

  it("are proposed from what stands alone, without what does nothing or makes orders collide", async () => {
    await come(...orders, bare, padded);
    const of = { entityId: "E1", connectionId: connectionId() };
    const propose = () => inTransaction(pool(), (client) => proposeRules(client, of));
    const proposal = await propose();
    expect(proposal?.preview).toMatchObject({ won: 2, collisions: 0 });
    await save(proposal?.rules ?? {});
    expect(await placed()).toMatchObject([{ order_key: keyOf("501") }, { order_key: keyOf("502") }]);
    // What is left gives no reason for any rule.
    await rows("DELETE FROM document WHERE side = 'erp'");
    expect(await propose()).toBeNull();
  });

  it("hold from day to day: what is left out on one day is not on another, and forms of different days never meet", async () => {
    const late = invoice({ sourceId: "guid-2", number: "INV-2", reference: "1003" });
    await come(
      order({ id: "501", reference: "DE-1001" }),
      order({ id: "503", reference: "AT-1003" }),
      order({ id: "504", reference: "DE-1003" }),
      bare,
      late,
    );
    // On the day of both invoices only "DE-" is left out, though "AT-" is from the next month on.
    await keep([
      { part: "beginning", text: "DE-", validUntil: "2026-10-31" },
      { part: "beginning", text: "AT-", validFrom: "2026-11-01" },
    ]);
    expect(await placed()).toMatchObject([{ order_key: keyOf("501") }, { order_key: keyOf("504") }]);
    await keep([
      { part: "beginning", text: "DE-", validUntil: "2026-09-30" },
      { part: "beginning", text: "AT-", validFrom: "2026-10-01" },
    ]);
    expect(await placed()).toMatchObject([{ order_key: strayOf("guid-1") }, { order_key: keyOf("503") }]);
    // What comes later is read by the same rows.
    await come(order({ id: "505", reference: "AT-1001" }));
    expect((await placed())[0]).toMatchObject({ order_key: keyOf("505") });
  });

  it("say whose a whole reference is, before anything that it says itself, whenever the order comes", async () => {
    await come(order({ id: "501", reference: "R-1" }), invoice({ reference: "R-1" }));
    expect(await placed()).toMatchObject([{ order_key: keyOf("501"), placed_by: "order-reference" }]);
    await come(order({ id: "502", reference: "R-2" }));
    await keep([{ part: "name", text: "R-1", order: "r-2" }]);
    expect(await placed()).toMatchObject([{ order_key: keyOf("502"), placed_by: "mapped-reference" }]);
    await keep([{ part: "name", text: "R-1", order: "R-2", validFrom: "2026-11-01" }]).catch(() => undefined);
    await keep([]);
    expect(await placed()).toMatchObject([{ order_key: keyOf("501"), placed_by: "order-reference" }]);
    expect(await rows("SELECT FROM alias_form")).toEqual([]);
    await expect(keep([{ part: "name", text: "R-1", order: "R-9" }])).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
