import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runInvariants } from "@/lib/matching/invariants/run";
import { runReconciliation } from "@/lib/matching/reconcile";
import { loadSummaries } from "@/lib/matching/summary";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { findGaps } from "./gaps";
import { findMonthBridge } from "./month-bridge";
import { type ProofReport, prove } from "./proof";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const ENTITY = "MODA-EU";
const PERIOD = "2026-10";
let clock = Date.parse("2026-11-15T09:00:00Z");
let database: TestDatabase;
let sandbox: Sandbox;
// Each look at the clock is a moment later, so that of two runs one is the newer.
const context = { actorName: "test", now: () => new Date(clock++) };
const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 3, orders: 400, anchor: "2026-10", faults: "planted" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0, scayleLimit: 100_000 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: new Date(clock),
  });
  await runSync({}, context);
  await runReconciliation({}, context);
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const broken = async (entity = ENTITY) =>
  (await runInvariants(database.ownerPool, entity, { scoped: false })).filter((one) => one.rows > 0);
const proved = (): Promise<ProofReport> => prove(database.ownerPool, ENTITY, PERIOD, { deep: true });

/** The proofs of the month as a full reconciliation stores them. */
async function stored(): Promise<Readonly<{ ok: boolean; detail: string; tiesOut: boolean }>> {
  await runReconciliation({ entityId: ENTITY, full: true }, context);
  const [summary] = (await loadSummaries(database.ownerPool, {
    period: PERIOD,
    entityId: ENTITY,
  })) as unknown as { proofs: { name: string; ok: boolean; detail: string }[]; tiesOut: boolean }[];
  const proofs = (summary?.proofs ?? []).filter((proof) =>
    ["nothing-lost", "versions-agree", "one-bucket", "causes-hold"].includes(proof.name),
  );
  return {
    ok: proofs.every((proof) => proof.ok),
    detail: proofs.map((proof) => proof.detail).join("; "),
    tiesOut: summary?.tiesOut ?? false,
  };
}

describe("the books as they were read", () => {
  it("hold every invariant, at any time of the sandbox's world", async () => {
    expect(await broken()).toEqual([]);
    expect(await broken("MODA-UK")).toEqual([]);
    clock += 9 * 86_400_000;
    await runSync({}, context);
    await runReconciliation({}, context);
    expect(await broken()).toEqual([]);
  });

  it("are counted three times, per feed, day and kind, and the counts lead from one to the next", async () => {
    const report = await proved();
    expect(report.feeds.map((row) => [row.kind, row.state])).toEqual(
      report.feeds.map((row) => [row.kind, "holds"]),
    );
    expect(new Set(report.days.map((row) => `${row.feed} ${row.kind}`)).size).toBeGreaterThanOrEqual(6);
    expect(report.days.length).toBeGreaterThan(80);
    const reasons = new Set(report.days.flatMap((row) => row.remainders.map((part) => part.reason)));
    expect([...reasons].sort()).toEqual(["cancelled", "could not be read", "header", "refunded-fee"]);
    const other = await prove(database.ownerPool, "MODA-UK", PERIOD, { deep: false });
    const apart = [...report.days, ...other.days].flatMap((row) => row.apart.map((part) => part.reason));
    expect(new Set(apart)).toEqual(new Set(["draft"]));
    const [broken] = await rows(
      "SELECT entity_id, left(payload->>'createdAt', 7) AS month FROM failed_record WHERE resource = 'orders' AND resolved_at IS NULL",
    );
    const month = await prove(database.ownerPool, String(broken?.["entity_id"]), String(broken?.["month"]), {
      deep: false,
    });
    const unread = month.days
      .flatMap((row) => row.remainders)
      .find((part) => part.reason === "could not be read");
    expect(unread?.count).toMatchObject({ records: 1, sums: { lines: expect.any(Number) } });
    // Independent of the proof's own queries: what the raw payloads say of the ERP's invoices.
    const raw = await rows(
      `SELECT count(*)::int AS documents, sum(lines)::int AS lines, sum(gross)::bigint AS gross FROM (
         SELECT DISTINCT ON (r.source_id) jsonb_array_length(r.payload->'salesInvoiceLines') AS lines,
                ((r.payload->>'totalAmountIncludingTax')::numeric * 100)::bigint AS gross
           FROM source_record r JOIN connection c ON c.id = r.connection_id
          WHERE c.entity_id = $1 AND r.payload ? 'salesInvoiceLines' AND r.payload->>'postingDate' LIKE '2026-10-%'
          ORDER BY r.source_id, r.modified_at DESC) newest`,
      [ENTITY],
    );
    const erp = report.feeds.find((row) => row.kind === "sale" && row.feed.includes("business-central"));
    expect({
      documents: erp?.fetched.records,
      lines: erp?.fetched.sums.lines,
      gross: erp?.fetched.sums.gross,
    }).toEqual(raw[0]);
  });

  it("are not proved before the sources were counted again", async () => {
    const report = await proved();
    expect(report.state).toBe("unproved");
    expect(report.findings.join(" ")).toContain("not counted again");
  });
});

type Fault = Readonly<{
  name: string;
  /** returns what must be named */
  plant: () => Promise<string>;
  /** tables to put back */
  tables: readonly string[];
}>;

const pickLine = async (side: string): Promise<Record<string, unknown>> => {
  const [found] = await rows(
    `SELECT l.order_key, l.id, d.id AS document_id, d.number, d.source_id, d.connection_id FROM line l
       JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
       JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.bucket = 'matched'
      WHERE l.entity_id = $1 AND l.side = $2 AND l.kind = 'item' AND d.kind = 'sale' AND d.posting_day BETWEEN '2026-10-03' AND '2026-10-25'
        AND l.period = '2026-10' ORDER BY d.number LIMIT 1`,
    [ENTITY, side],
  );
  return found ?? {};
};

const faults: readonly Fault[] = ["scayle", "erp"].flatMap((side) => [
  {
    name: `a line of ${side} is dropped`,
    tables: ["line", "pair_line", "pair"],
    plant: async () => {
      const line = await pickLine(side);
      await rows("DELETE FROM line WHERE order_key = $1 AND id = $2", [line["order_key"], line["id"]]);
      return String(line["number"]);
    },
  },
  {
    name: `a line of ${side} is there twice`,
    tables: ["line"],
    plant: async () => {
      const line = await pickLine(side);
      await rows(
        `INSERT INTO line SELECT (jsonb_populate_record(line, jsonb_build_object('id', gen_random_uuid()))).* FROM line
          WHERE order_key = $1 AND id = $2`,
        [line["order_key"], line["id"]],
      );
      return String(line["number"]);
    },
  },
  {
    name: `an amount of a line of ${side} is one cent more`,
    tables: ["line"],
    plant: async () => {
      const line = await pickLine(side);
      await rows("UPDATE line SET gross = gross + 1, tax = tax + 1 WHERE order_key = $1 AND id = $2", [
        line["order_key"],
        line["id"],
      ]);
      return String(line["number"]);
    },
  },
  {
    name: `a cent moves from a line of ${side} to another of its document`,
    tables: ["line"],
    plant: async () => {
      const [document] = await rows(
        `SELECT d.order_key, d.number, min(l.id::text) AS one, max(l.id::text) AS other FROM document d
           JOIN line l ON l.order_key = d.order_key AND l.document_id = d.id
          WHERE d.entity_id = $1 AND d.side = $2 AND d.kind = 'sale' AND d.posted AND d.posting_day BETWEEN '2026-10-03' AND '2026-10-25'
          GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 2 LIMIT 1`,
        [ENTITY, side],
      );
      await rows(
        "UPDATE line SET gross = gross + CASE WHEN id = $2 THEN 1 ELSE -1 END, tax = tax + CASE WHEN id = $2 THEN 1 ELSE -1 END WHERE order_key = $1 AND id IN ($2, $3)",
        [document?.["order_key"], document?.["one"], document?.["other"]],
      );
      return String(document?.["number"]);
    },
  },
  {
    name: `a line of ${side} moves to another day`,
    tables: ["line"],
    plant: async () => {
      const line = await pickLine(side);
      await rows("UPDATE line SET day = day + 1 WHERE order_key = $1 AND id = $2", [
        line["order_key"],
        line["id"],
      ]);
      return String(line["number"]);
    },
  },
  {
    name: `an amount in a stored version of ${side} is changed`,
    tables: ["document_version"],
    plant: async () => {
      const line = await pickLine(side);
      await rows(
        `UPDATE document_version v SET content = jsonb_set(v.content, '{lines,0,gross}', to_jsonb(((v.content->'lines'->0->>'gross')::bigint + 1)::text))
           FROM document d WHERE d.id = $1 AND v.document_id = d.id AND v.version = d.version AND v.order_key = d.order_key`,
        [line["document_id"]],
      );
      return String(line["number"]);
    },
  },
  {
    name: `what a record of ${side} said as it came is changed`,
    tables: ["fetch_control"],
    plant: async () => {
      const line = await pickLine(side);
      await rows(
        "UPDATE fetch_control SET gross = gross + 1 WHERE connection_id = $1 AND source_id = $2 AND kind = 'sale'",
        [line["connection_id"], line["source_id"]],
      );
      return String(line["number"]);
    },
  },
  {
    name: `what a record of ${side} said as it came is gone`,
    tables: ["fetch_control"],
    plant: async () => {
      const line = await pickLine(side);
      await rows("DELETE FROM fetch_control WHERE connection_id = $1 AND source_id = $2", [
        line["connection_id"],
        line["source_id"],
      ]);
      return String(line["number"]);
    },
  },
  {
    name: `a line of ${side} is in no pair`,
    tables: ["pair_line"],
    plant: async () => {
      const line = await pickLine(side);
      await rows("DELETE FROM pair_line WHERE order_key = $1 AND line_id = $2", [
        line["order_key"],
        line["id"],
      ]);
      const [found] = await rows("SELECT source_line_id FROM line WHERE order_key = $1 AND id = $2", [
        line["order_key"],
        line["id"],
      ]);
      return String(found?.["source_line_id"]);
    },
  },
  {
    name: `a document of ${side} is lost with all its lines and versions`,
    tables: ["line", "document", "document_version", "pair", "pair_line"],
    plant: async () => {
      const line = await pickLine(side);
      for (const table of ["line", "document_version"]) {
        await rows(`DELETE FROM ${table} WHERE order_key = $1 AND document_id = $2`, [
          line["order_key"],
          line["document_id"],
        ]);
      }
      await rows("DELETE FROM document WHERE order_key = $1 AND id = $2", [
        line["order_key"],
        line["document_id"],
      ]);
      return String(line["source_id"]);
    },
  },
]);

describe("the proof", () => {
  it.each(faults)("turns red and names the record when $name", async ({ plant, tables }) => {
    for (const table of tables) await rows(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
    const named = await plant();
    const live = await proved();
    expect(live.state).toBe("fails");
    expect(live.invariants.flatMap((one) => one.examples).join("\n")).toContain(named);
    for (const table of tables) {
      await rows(`DELETE FROM ${table}`);
      await rows(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      await rows(`DROP TABLE kept_${table}`);
    }
    expect((await proved()).state).toBe("unproved");
  });

  it("is kept with the month, which then does not tie out, until it is put right", async () => {
    expect(await stored()).toMatchObject({ ok: true });
    const line = await pickLine("erp");
    await rows("UPDATE line SET gross = gross + 1, tax = tax + 1 WHERE order_key = $1 AND id = $2", [
      line["order_key"],
      line["id"],
    ]);
    const red = await stored();
    expect(red).toMatchObject({ ok: false, tiesOut: false });
    expect(red.detail).toContain(String(line["number"]));
    await rows("UPDATE line SET gross = gross - 1, tax = tax - 1 WHERE order_key = $1 AND id = $2", [
      line["order_key"],
      line["id"],
    ]);
    expect(await stored()).toMatchObject({ ok: true });
  });

  it("tells a record that nothing in the books knows of", async () => {
    const line = await pickLine("erp");
    await rows(
      "CREATE TABLE kept_document AS SELECT * FROM document WHERE id = $1".replace(
        "$1",
        `'${line["document_id"]}'`,
      ),
    );
    await rows("DELETE FROM document WHERE id = $1", [line["document_id"]]);
    const red = await stored();
    expect(red).toMatchObject({ ok: false, tiesOut: false });
    expect(red.detail).toContain(String(line["source_id"]));
    await rows("INSERT INTO document SELECT * FROM kept_document");
    expect(await stored()).toMatchObject({ ok: true });
  });
});

describe("from documents to the tie-out", () => {
  it("makes the month's total of what its documents come to, on both sides", async () => {
    const bridge = await inTransaction(database.ownerPool, (client) =>
      findMonthBridge(client, ENTITY, PERIOD),
    );
    const totals = await rows(
      `SELECT side, currency, sum(gross)::text AS gross FROM line WHERE entity_id = $1 AND period = $2 AND in_books
        GROUP BY side, currency ORDER BY side DESC, currency`,
      [ENTITY, PERIOD],
    );
    expect(bridge.map(({ side, currency, counts }) => ({ side, currency, gross: String(counts) }))).toEqual(
      totals,
    );
    for (const one of bridge)
      expect(one.documents - one.countsElsewhere + one.fromElsewhere).toBe(one.counts);
    expect(bridge.some((one) => one.countsElsewhere !== 0n || one.fromElsewhere !== 0n)).toBe(true);
  });
});

describe("gaps in number series", () => {
  it("are named as their neighbours are: padded only where the series is", async () => {
    const numbers = await rows(
      `SELECT d.id, d.number FROM document d
        WHERE d.entity_id = $1 AND d.side = 'erp' AND d.kind = 'sale' AND d.posted AND d.posting_day BETWEEN '2026-10-10' AND '2026-10-20'
        ORDER BY d.number LIMIT 4`,
      [ENTITY],
    );
    const names = ["PLAIN-8", "PLAIN-10", "PADDED-08", "PADDED-10"];
    for (const [index, { id }] of numbers.entries())
      await rows("UPDATE document SET number = $2 WHERE id = $1", [id, names[index]]);
    const gaps = await findGaps(database.ownerPool, ENTITY, PERIOD);
    for (const { id, number } of numbers)
      await rows("UPDATE document SET number = $2 WHERE id = $1", [id, number]);
    expect(gaps.map((one) => one.first)).toEqual(expect.arrayContaining(["PLAIN-9", "PADDED-09"]));
  });

  it("name what is missing between two posted numbers, and what is known of it", async () => {
    const before = await findGaps(database.ownerPool, ENTITY, PERIOD);
    // A number with both its neighbours, in the middle of the month.
    const [number] = await rows(
      `SELECT d.number, d.id FROM document d
        WHERE d.entity_id = $1 AND d.side = 'erp' AND d.kind = 'sale' AND d.posted AND d.posting_day BETWEEN '2026-10-10' AND '2026-10-20'
          AND (SELECT count(*) FROM document n WHERE n.entity_id = $1 AND n.kind = 'sale' AND n.posted
                AND n.number IN (left(d.number, 4) || (substr(d.number, 5)::bigint - 1), left(d.number, 4) || (substr(d.number, 5)::bigint + 1))) = 2
        ORDER BY d.number LIMIT 1`,
      [ENTITY],
    );
    const missing = String(number?.["number"]);
    await rows("UPDATE document SET posted = false WHERE id = $1", [number?.["id"]]);
    const gaps = await findGaps(database.ownerPool, ENTITY, PERIOD);
    await rows("UPDATE document SET posted = true WHERE id = $1", [number?.["id"]]);
    expect(gaps.length).toBe(before.length + 1);
    const gap = gaps.find((one) => one.first === missing);
    expect(gap).toMatchObject({
      missing: 1,
      last: missing,
      kind: "sale",
      known: expect.arrayContaining([`draft ${missing}`]),
    });
    expect(Number(gap?.after.slice(4)) - Number(gap?.before.slice(4))).toBe(2);
  });
});
