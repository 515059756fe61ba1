import { expect, it } from "vitest";
import { strayKeyOf } from "@/lib/domain/identity";
import type { SalesOrder } from "@/lib/domain/order";
import { runInvariants } from "@/lib/matching/invariants/run";
import { loadStages } from "@/lib/matching/proof/stages";
import { runReconciliation } from "@/lib/matching/reconcile";
import { tallyDrift } from "@/lib/matching/tally";
import { documentIdOf } from "@/lib/sync/store/documents";
import { invoice, item, line, order } from "@/lib/sync/store/fixtures";
import { NOW, personWith, testBooks } from "./fixtures";
import { placeDocument } from "./mutations";

const { pool, rows, come, again, keyOf, contexts } = testBooks();
/** Nothing is broken: neither what runs kept of it, nor looked at anew; and covered lines are counted where they are matched. */
async function holds(): Promise<void> {
  expect(await rows("SELECT name, detail FROM invariant_breach")).toEqual([]);
  const results = await runInvariants(pool(), "E1", { scoped: false });
  expect(results.filter((one) => one.rows > 0)).toEqual([]);
  const stages = await loadStages(pool(), "E1", "2026-10");
  expect(stages.length).toBeGreaterThan(1);
  for (const { state, apart, normalised, matched } of stages) {
    expect({ state, apart, lines: matched.sums.lines }).toEqual({
      state: "holds",
      apart: [],
      lines: normalised.sums.lines,
    });
  }
}
const summaryKey = () => strayKeyOf(contexts().ledger.connectionId, "guid-1");
const causes = () =>
  rows("SELECT cause, order_reference FROM exception WHERE state <> 'resolved' ORDER BY 1, 2");
const members = () =>
  rows("SELECT order_key, kind, day::text AS day FROM group_member ORDER BY order_key, day");
const noon = (day: string) => new Date(`${day}T12:00:00Z`);

const sold = (id: string, sku: string, day = "2026-10-05", changes: Partial<SalesOrder> = {}): SalesOrder =>
  order({
    id,
    reference: `MP-${id}`,
    channel: "market",
    items: [item({ id: `${id}-1`, sku, shippedAt: noon(day) })],
    ...changes,
  });
const units = (sku: string, quantity: bigint, lineId = sku) =>
  line({
    sourceLineId: lineId,
    sku,
    quantity: quantity.toString(),
    net: 10_000n * quantity,
    tax: 1_900n * quantity,
    gross: 11_900n * quantity,
  });
const summary = (changes = {}) =>
  invoice({ reference: "MP-SUM", lines: [units("A", 2n), units("B", 1n)], ...changes });
const day = [sold("1", "A"), sold("2", "A"), sold("3", "B")];
const coveredDay = () =>
  ["1", "2", "3"]
    .map((id) => ({ order_key: keyOf(id), kind: "sale", day: "2026-10-05" }))
    .sort((a, b) => (a.order_key < b.order_key ? -1 : 1));

it("explains a day's orders together with the one document that sums them up, whatever comes first", async () => {
  for (const turn of [
    [...day, summary()],
    [summary(), ...day],
    [day[0], summary(), day[1], day[2]],
  ]) {
    await rows(
      "TRUNCATE line, document, document_version, sales_order, order_alias, pair, pair_line, cause, exception, group_member, tally, tally_event, dirty_group, invariant_breach, fetch_control, control_remainder",
    );
    for (const record of turn) {
      if (record) await come(record);
      await again();
    }
    expect(await members()).toEqual(coveredDay());
    expect(await causes()).toEqual([]);
    expect(
      await rows("SELECT order_key, item_key, bucket, scayle_lines, erp_lines FROM pair ORDER BY item_key"),
    ).toEqual([
      { order_key: summaryKey(), item_key: "A", bucket: "matched", scayle_lines: 2, erp_lines: 1 },
      { order_key: summaryKey(), item_key: "B", bucket: "matched", scayle_lines: 1, erp_lines: 1 },
    ]);
    expect(await rows("SELECT DISTINCT group_key FROM pair_line")).toEqual([{ group_key: summaryKey() }]);
    expect(await rows("SELECT placed_by FROM document WHERE side = 'erp'")).toEqual([
      { placed_by: "summary-posting" },
    ]);
    await holds();
    expect(await tallyDrift(pool(), "E1")).toEqual([]);
  }
});

it("comes to the same however the work is cut, and a second time", async () => {
  await come(
    ...day,
    summary(),
    sold("4", "C"),
    invoice({ sourceId: "guid-4", number: "INV-4", reference: "MP-4", lines: [units("C", 1n)] }),
  );
  const first = (await again()).entities[0]?.outcome;
  const cut = (matchers: number, sliceGroups: number) =>
    runReconciliation(
      { full: true },
      { actorName: "Test", now: () => NOW, pool: pool(), cut: { matchers, sliceGroups } },
    );
  for (const [matchers, size] of [
    [2, 1],
    [1, 2],
    [2, 2],
  ] as const) {
    // With an own document the fourth order is not part of the day's set.
    expect((await cut(matchers, size)).entities[0]?.outcome).toBe(first);
    await holds();
  }
  expect(await members()).toEqual(coveredDay());
  expect(await tallyDrift(pool(), "E1")).toEqual([]);
});

it("lets go of the day when one of its orders gets a document of its own, or the summary is linked to one", async () => {
  await come(...day, summary());
  await again();
  await come(invoice({ sourceId: "guid-2", number: "INV-2", reference: "MP-1", lines: [units("A", 1n)] }));
  await again();
  expect(await members()).toEqual([]);
  expect((await causes()).map((one) => one["cause"])).toEqual([
    "sale-missing-in-erp",
    "sale-missing-in-erp",
    "sale-missing-in-scayle",
  ]);
  expect(await tallyDrift(pool(), "E1")).toEqual([]);
  await rows("DELETE FROM document WHERE source_id = 'guid-2'");
  await rows("DELETE FROM fetch_control WHERE source_id = 'guid-2'");
  await rows("DELETE FROM line WHERE order_key = $1 AND side = 'erp'", [keyOf("1")]);
  await again(true);
  expect(await members()).toEqual(coveredDay());
  await placeDocument(
    personWith("operations"),
    {
      entityId: "E1",
      orderKey: summaryKey(),
      documentId: documentIdOf(contexts().ledger.connectionId, "sale", "guid-1"),
      toOrderKey: keyOf("3"),
    },
    { now: () => NOW },
  );
  expect(await members()).toEqual([]);
  expect(await rows("SELECT DISTINCT order_key = group_key AS own FROM pair_line")).toEqual([{ own: true }]);
  await holds();
  expect(await tallyDrift(pool(), "E1")).toEqual([]);
});

it("covers of an order only what is of that day", async () => {
  const two = sold("3", "B", "2026-10-05", {
    items: [
      item({ id: "3-1", sku: "B", shippedAt: noon("2026-10-05") }),
      item({ id: "3-2", sku: "C", shippedAt: noon("2026-10-09") }),
    ],
  });
  await come(sold("1", "A"), sold("2", "A"), two, summary());
  await again();
  expect(await members()).toEqual(coveredDay());
  expect(await rows("SELECT order_key, gross FROM cause")).toEqual([
    { order_key: keyOf("3"), gross: 11_900n },
  ]);
  await holds();
});

it("explains what differs within the day", async () => {
  await come(...day, summary({ lines: [units("A", 2n), { ...units("B", 1n), tax: 1_899n, net: 10_001n }] }));
  await again();
  expect(await members()).toEqual(coveredDay());
  const found = await rows("SELECT e.cause, c.tax FROM exception e JOIN cause c ON c.exception_id = e.id");
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ tax: 1n });
});

it("takes no part of a day, no basket that two days have alike, and no single order unless the day is named", async () => {
  await come(...day, summary({ lines: [units("A", 2n)] }));
  await again();
  expect(await members()).toEqual([]);
  await come(summary({ modifiedAt: noon("2026-10-08") }));
  await come(
    ...["7", "8"].map((id) => sold(id, "A", "2026-10-05", { channel: "other" })),
    sold("9", "B", "2026-10-05", { channel: "other" }),
  );
  await again();
  expect(await members()).toEqual([]);
  await come(
    sold("10", "Z", "2026-10-06"),
    invoice({
      sourceId: "guid-5",
      number: "INV-5",
      postingDay: "2026-10-07",
      reference: "X",
      lines: [units("Z", 1n)],
    }),
  );
  await again();
  expect(await members()).toEqual([]);
  await come(
    invoice({
      sourceId: "guid-5",
      number: "INV-5",
      postingDay: "2026-10-07",
      reference: "MP-2026-10-06",
      lines: [units("Z", 1n)],
      modifiedAt: noon("2026-10-08"),
    }),
  );
  await again();
  expect(await members()).toEqual([{ order_key: keyOf("10"), kind: "sale", day: "2026-10-06" }]);
});

it("sums up credits as it does sales", async () => {
  const back = (id: string) =>
    sold(id, "A", "2026-10-05", {
      items: [
        item({
          id: `${id}-1`,
          sku: "A",
          status: "returned",
          shippedAt: noon("2026-10-05"),
          returnedAt: noon("2026-10-09"),
        }),
      ],
    });
  await come(
    back("1"),
    back("2"),
    summary({ lines: [units("A", 2n)] }),
    summary({
      kind: "credit",
      sourceId: "guid-9",
      number: "CM-9",
      postingDay: "2026-10-10",
      lines: [{ ...units("A", -2n), day: "2026-10-10" }],
    }),
  );
  await again();
  expect((await members()).map((one) => one["kind"])).toEqual(["sale", "credit", "sale", "credit"]);
  expect(await causes()).toEqual([]);
  expect(await rows("SELECT document_kind, bucket FROM pair ORDER BY document_kind")).toEqual([
    { document_kind: "credit", bucket: "matched" },
    { document_kind: "sale", bucket: "matched" },
  ]);
});
