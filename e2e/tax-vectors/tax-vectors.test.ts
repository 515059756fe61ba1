import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { allocation } from "./allocation";
import { EXPECTED } from "./expected";
import { magento } from "./magento";
import { matching } from "./matching";
import { medusa } from "./medusa";
import { misc } from "./misc";
import { odoo } from "./odoo";
import { refunds } from "./refunds";
import { shopware } from "./shopware";
import { sylius } from "./sylius";
import { type Adapter, Vector } from "./vector";
import { vendure } from "./vendure";

// Cases of public test suites lie beside the project, not in it.
const FOLDER = path.resolve(import.meta.dirname, "../../../shared/data/tax-vectors");

const SUITES: Readonly<Record<string, Adapter>> = {
  "allocation.json": allocation,
  "magento_tax.json": magento,
  "medusa_totals.json": medusa,
  "misc_shop_tax.json": misc,
  "odoo_multi_tax_extended.json": odoo,
  "odoo_simple_vat.json": odoo,
  "reconciliation_matching.json": matching,
  "refunds.json": refunds,
  "shopware_tax.json": shopware,
  "sylius_cart_tax.json": sylius,
  "vendure_cart_tax.json": vendure,
};

type Result = Readonly<{ id: string; policy?: string; reason?: string; wrong: readonly string[] }>;

function run(file: string, adapt: Adapter): readonly Result[] {
  const cases = z.array(Vector).parse(JSON.parse(readFileSync(path.join(FOLDER, file), "utf8")));
  return cases.map((one) => {
    try {
      const outcome = adapt(one);
      return "outOfScope" in outcome
        ? { id: one.id, reason: outcome.outOfScope, wrong: [] }
        : { id: one.id, policy: outcome.policy, wrong: outcome.wrong };
    } catch (fault) {
      return { id: one.id, wrong: [String(fault)] };
    }
  });
}

/** Names by reason or policy, long lists of running numbers drawn together. */
function grouped(results: readonly Result[], by: "policy" | "reason"): readonly string[] {
  const names = new Map<string, string[]>();
  for (const one of results) {
    const key = one[by];
    if (key) names.set(key, [...(names.get(key) ?? []), one.id]);
  }
  return [...names].map(
    ([key, ids]) => `    ${ids.length} × ${key}${by === "reason" ? `: ${ids.join(" ")}` : ""}`,
  );
}

const isFailed = (one: Result) => one.wrong.length > 0;

function describeVectors(): void {
  const results = new Map(Object.entries(SUITES).map(([file, adapt]) => [file, run(file, adapt)]));

  test("every suite has an adapter", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
    expect(files.sort()).toEqual(Object.keys(SUITES).sort());
  });

  test.each(Object.keys(SUITES))("%s: each case passes under a named policy, or has its reason", (file) => {
    const failed = (results.get(file) ?? []).filter(isFailed);
    expect(failed.map((one) => `${one.id} (${one.policy}): ${one.wrong.join("; ")}`)).toEqual([]);
  });

  test.each(Object.keys(SUITES))(
    "%s: what is out of scope is what is known to be, by name and reason",
    (file) => {
      const all = results.get(file) ?? [];
      const expected = EXPECTED[file];
      const found = Object.fromEntries(
        Object.entries(expected?.outOfScope ?? {}).map(([reason, names]) => {
          const ids = all.filter((one) => one.reason === reason).map((one) => one.id);
          return [reason, typeof names === "number" ? ids.length : ids];
        }),
      );
      expect({ cases: all.length, outOfScope: found }).toEqual(expected);
      const reasons = new Set(all.flatMap((one) => one.reason ?? []));
      expect([...reasons].sort()).toEqual(Object.keys(expected?.outOfScope ?? {}).sort());
    },
  );

  test("of Odoo's taxes of other kinds, one is a VAT and is held", () => {
    const held = (results.get("odoo_multi_tax_extended.json") ?? []).filter((one) => !one.reason);
    expect(held.map((one) => one.id)).toEqual(["odoo-1036"]);
  });

  test("the counts", () => {
    const lines = ["suite                             cases  passed  out of scope  failed"];
    const totals = [0, 0, 0, 0];
    for (const [file, all] of results) {
      const out = all.filter((one) => one.reason).length;
      const failed = all.filter(isFailed).length;
      const row = [all.length, all.length - out - failed, out, failed];
      row.forEach((count, index) => {
        totals[index] = (totals[index] ?? 0) + count;
      });
      lines.push(`${file.padEnd(32)}${columns(row)}`, ...grouped(all, "policy"));
      if (out > 0) lines.push("    out of scope:", ...grouped(all, "reason"));
    }
    lines.push(`${"all".padEnd(32)}${columns(totals)}`);
    console.info(lines.join("\n"));
    expect(totals).toEqual([1015, 422, 593, 0]);
  });

  test("a wrong figure is seen", () => {
    const [first] = z
      .array(Vector)
      .parse(JSON.parse(readFileSync(path.join(FOLDER, "magento_tax.json"), "utf8")));
    if (!first) throw new Error("Magento has no case.");
    const expected = z.record(z.string(), z.unknown()).parse(first.expected);
    const outcome = magento({ ...first, expected: { ...expected, tax: "3.35" } });
    expect(outcome).toMatchObject({ wrong: ["tax: 334 instead of 335"] });
  });
}

const columns = (counts: readonly number[]): string =>
  counts.map((count, index) => String(count).padStart([7, 8, 14, 8][index] ?? 8)).join("");

if (existsSync(FOLDER)) describe("the tax twin against public suites", () => describeVectors());
else
  describe("without the public tax vectors beside the project", () => {
    test("nothing of them is tested, and this says so", () => {
      console.info(
        "../shared/data/tax-vectors is not there: the tax twin was not held against the public suites.",
      );
      expect(existsSync(FOLDER)).toBe(false);
    });
  });
