import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseDecimalJson } from "../decimal-json";
import { readInvoices, readOrder } from "./read";

// SCAYLE's own sample payloads lie beside the project, not in it.
const FOLDER = path.resolve(process.cwd(), "../shared/fixtures/scayle");
const SDKS = ["admin-api-java-sdk", "admin-api-php-sdk"];
const isOrder = (name: string): boolean =>
  /^Order(All|Get|Create|CreateSubscriptionOrder|TriggerManualCapture|UpdateReferenceKey|BillingStatusUpdateOrderBillingStatus)Response\.json$/.test(
    name,
  );

const entitiesOf = (payload: unknown): readonly unknown[] =>
  typeof payload === "object" && payload !== null && "entities" in payload && Array.isArray(payload.entities)
    ? payload.entities
    : [payload];

const filesOf = (sdk: string): readonly string[] => readdirSync(path.join(FOLDER, sdk));
const payloadOf = (sdk: string, file: string): unknown =>
  parseDecimalJson(readFileSync(path.join(FOLDER, sdk, file), "utf8"));

if (existsSync(FOLDER)) describe("SCAYLE's official payloads", () => describePayloads());
else describe("without SCAYLE's official payloads beside the project", () => describeAbsence());

function describePayloads(): void {
  it("are read, or fail with a reason that names the place", () => {
    const report: string[] = [];
    let parsed = 0;
    for (const sdk of SDKS)
      for (const file of filesOf(sdk).filter(isOrder))
        for (const [index, entity] of entitiesOf(payloadOf(sdk, file)).entries()) {
          const { result } = readOrder(entity, "ms/de");
          if (result.ok) parsed += 1;
          else report.push(`${sdk}/${file}[${index}]: ${result.reason}`);
        }
    console.info(`Official order payloads: ${parsed} parsed, ${report.length} failed. ${report.join(" · ")}`);
    expect(parsed).toBeGreaterThan(0);
    expect(report.every((line) => /: [\w.[\]]+: expected .+, found .+$/.test(line))).toBe(true);
  });

  it("of invoice lists are read", () => {
    for (const sdk of SDKS) {
      const entities = entitiesOf(payloadOf(sdk, "OrderGetOrderInvoicesResponse.json"));
      const { result } = readInvoices("1", entities);
      expect(result.ok && result.value.map((one) => one.type)).toContain("partial_invoice");
      expect(result.ok && result.value.map((one) => one.number)).toContain("ayou-24-5");
    }
  });

  it("don't add up, which is reported and doesn't stop the reading", () => {
    const differences: string[] = [];
    for (const sdk of SDKS)
      for (const file of filesOf(sdk).filter(isOrder))
        for (const entity of entitiesOf(payloadOf(sdk, file))) {
          const { result } = readOrder(entity, "ms/de");
          if (!result.ok) continue;
          const { items, fees, cost, reference } = result.value;
          const sum = [...items, ...fees].reduce((total, one) => total + one.gross, 0n);
          if (sum !== cost.gross)
            differences.push(`${file} ${reference.slice(-4)}: items and fees ${sum}, cost ${cost.gross}`);
        }
    console.info(
      `Official orders whose cost isn't their items and fees: ${differences.length}. ${differences.join(" · ")}`,
    );
    expect(differences.length).toBeGreaterThan(0);
  });

  it("keep nobody's name or street once they are split", () => {
    for (const sdk of SDKS)
      for (const file of filesOf(sdk).filter(isOrder))
        for (const entity of entitiesOf(payloadOf(sdk, file)))
          expect(JSON.stringify(readOrder(entity, "ms/de").payload)).not.toMatch(
            /Doe|Fohlmeister|McCullough|Domstrasse|@|Hamburg|charlottenburg/,
          );
  });
}

function describeAbsence(): void {
  it("their reading is not checked on this machine", () => {
    console.info("SCAYLE's official payloads are not here: their reading is not checked.");
    expect(existsSync(FOLDER)).toBe(false);
  });
}
