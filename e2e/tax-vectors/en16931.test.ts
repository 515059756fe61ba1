import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Invoice, OUT_OF_SCOPE, RULES } from "./en16931";

// Electronic invoices and the official unit tests lie beside the project, not in it.
const FOLDER = path.resolve(import.meta.dirname, "../../../shared/data/einvoice");
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(FOLDER, name), "utf8"));

const UnitTest = Invoice.extend({
  source: z.string(),
  expect_pass: z.array(z.string()),
  expect_fail: z.array(z.string()),
});
const Document = Invoice.extend({ file: z.string(), checks: z.record(z.string(), z.boolean()) });

/** The names of the checks in the data, and ours. */
const CHECKS: Readonly<Record<string, string>> = {
  "BR-CO-17_official_tolerance_1": "BR-CO-17",
  "BR-CO-17_exact": "BR-CO-17 exactly",
  "BR-S-08_like_base_official_tolerance_1": "bases of categories",
  "BR-S-08_like_base_exact": "bases of categories exactly",
  "PEPPOL-R120_line_net_0.02": "PEPPOL-EN16931-R120",
};

function verdict(name: string, invoice: Invoice): boolean {
  const rule = RULES.get(name);
  if (!rule) throw new Error(`No rule ${name}`);
  return rule(invoice);
}

if (existsSync(FOLDER))
  describe("EN 16931's arithmetic, by the tax twin", () => {
    test("agrees with each official unit test of an arithmetic rule", () => {
      const all = z.array(UnitTest).parse(read("unit_arithmetic_cases.json"));
      const counts = { agreed: 0, outOfScope: new Map<string, number>() };
      const wrong: string[] = [];
      for (const one of all) {
        const [name = ""] = [...one.expect_pass, ...one.expect_fail];
        const reason = OUT_OF_SCOPE.get(name);
        if (reason) {
          const key = `${name}: ${reason}`;
          counts.outOfScope.set(key, (counts.outOfScope.get(key) ?? 0) + 1);
        } else if (verdict(name, one) === one.expect_pass.length > 0) counts.agreed += 1;
        else
          wrong.push(`${name} ${one.expect_pass.length > 0 ? "should pass" : "should fail"}: ${one.source}`);
      }
      const out = [...counts.outOfScope].map(([reason, count]) => `    ${count} × ${reason}`);
      const total = [...counts.outOfScope.values()].reduce((sum, count) => sum + count, 0);
      console.info(
        `EN 16931 unit tests: ${all.length}; ${counts.agreed} agree, ${total} out of scope, ${wrong.length} disagree\n${out.join("\n")}`,
      );
      expect(wrong).toEqual([]);
      expect(all).toHaveLength(339);
      expect(counts.agreed).toBeGreaterThan(290);
    });

    test("agrees with every check of every whole document", () => {
      const all = z.array(Document).parse(read("full_documents_numbers.json"));
      const wrong: string[] = [];
      let agreed = 0;
      let refused = 0;
      for (const one of all)
        for (const [check, expected] of Object.entries(one.checks)) {
          const got = verdict(CHECKS[check] ?? check, one);
          if (got === expected) agreed += 1;
          else wrong.push(`${check} of ${one.file}: ${got}`);
          if (!expected) refused += 1;
        }
      console.info(
        `EN 16931 documents: ${all.length}; ${agreed} checks agree (${refused} of them refusals), ${wrong.length} disagree`,
      );
      expect(wrong).toEqual([]);
      expect(all).toHaveLength(148);
      expect(refused).toBeGreaterThan(10);
    });
  });
else
  describe("without the electronic invoices beside the project", () => {
    test("nothing of them is tested, and this says so", () => {
      console.info("../shared/data/einvoice is not there: EN 16931's arithmetic was not tested.");
      expect(existsSync(FOLDER)).toBe(false);
    });
  });
