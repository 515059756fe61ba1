import { afterAll, beforeAll, expect, it } from "vitest";
import { businessCentralConnector } from "@/lib/connectors/registry";
import { lastModified } from "@/lib/sandbox/bc-document";
import { sandboxConnections } from "@/lib/sandbox/connections";
import type { ErpDocument, World } from "@/lib/sandbox/model";
import { documentTotal } from "@/lib/sandbox/postings";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { fileLedger } from "./file-ledger";
import { type HeldDocument, keyOf, type LedgerSubject, ledgerContract, WRONG } from "./ledger-contract";

const ENTITY = "MODA-EU";
const BEFORE = Date.parse("2026-11-10T12:00:00Z");
const AFTER = Date.parse("2026-11-12T12:00:00Z");
const DAYS = { from: "2026-01-01", to: "2026-12-31" };
const world = makeWorld({ seed: 4, orders: 90, anchor: "2026-10", faults: "planted" });

const eventsOf = (one: ErpDocument) => [one.draftedAt, one.postedAt, one.paidAt, one.canceledAt];
const documentsOf = ({ affairs }: World) =>
  affairs.flatMap((affair) => affair.documents).filter((one) => one.entity === ENTITY);
const begunBy = (one: ErpDocument, at: number) => lastModified(one, at) !== null;
const heldAs = (one: ErpDocument): HeldDocument => ({
  kind: one.kind,
  sourceId: one.id,
  number: one.number,
  gross: (one.kind === "credit" ? -1n : 1n) * documentTotal(one).gross,
});

/** The sandbox's Business Central, whose clock moves on when something is to change. */
function businessCentral() {
  let now = BEFORE;
  let sandbox: Sandbox;
  let there = world;
  const serve = () =>
    startSandbox({ world: there, now: () => now, port: 0, businessCentralLimit: Number.MAX_SAFE_INTEGER });
  const subject: LedgerSubject = {
    open(http, credentials) {
      const own = sandboxConnections(sandbox.url).find(({ entity }) => entity.code === ENTITY);
      if (!own) throw new Error(`The sandbox has no ${ENTITY}.`);
      const { clientSecret, ...settings } = own.businessCentral;
      return businessCentralConnector.open(
        businessCentralConnector.settings.parse(settings),
        { clientSecret: credentials === "right" ? clientSecret : WRONG },
        { http, signal: new AbortController().signal },
      );
    },
    held: async () =>
      documentsOf(there)
        .filter((one) => begunBy(one, now))
        .map(heldAs),
    days: DAYS,
    wire: {
      asksForDocuments: (url) => /\/sales(Invoices|CreditMemos)\?/.test(url) && url.includes("expand"),
      signsIn: (url) => url.endsWith("/token"),
      spoiled(answer) {
        const { value, ...rest } = answer as { value: Record<string, unknown>[] };
        const [first, ...others] = value;
        return { ...rest, value: [{ ...first, totalTaxAmount: "not a number" }, ...others] };
      },
    },
    async change() {
      const keys = documentsOf(there)
        .filter((one) => eventsOf(one).some((event) => event !== null && event > BEFORE && event <= AFTER))
        .map(keyOfErp);
      now = AFTER;
      return { since: new Date(BEFORE), keys };
    },
    async remove() {
      const gone = documentsOf(there).find((one) => begunBy(one, now));
      if (!gone) throw new Error("The world has no document to take away.");
      there = {
        ...there,
        affairs: there.affairs.map((affair) => ({
          ...affair,
          documents: affair.documents.filter((one) => one !== gone),
        })),
      };
      await sandbox.close();
      sandbox = await serve();
      return keyOfErp(gone);
    },
  };
  const start = async () => {
    sandbox = await serve();
  };
  return { subject, start, stop: () => sandbox.close() };
}

const keyOfErp = (one: ErpDocument): string => keyOf({ kind: one.kind, sourceId: one.id });

/** The same books as a file. */
function ledgerFile(): string {
  const decimal = (minor: bigint) => {
    const digits = String(minor < 0n ? -minor : minor).padStart(3, "0");
    return `${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  };
  const header =
    "document_type,document_no,line_no,posting_date,currency,external_order_no,sku,gl_account,quantity,net_amount,tax_code,tax_rate,tax_amount,gross_amount";
  const rows = documentsOf(world).flatMap((one) => {
    const sign = one.kind === "credit" ? -1n : 1n;
    return one.lines.map((line, index) =>
      [
        ...[one.kind === "credit" ? "credit_memo" : "invoice", one.number, index + 1, one.postingDate],
        ...[one.currency, one.reference],
        ...(line.kind === "Item" ? [line.number, ""] : ["", line.number]),
        ...[sign * line.quantity, decimal(sign * line.net), line.taxCode, Number(line.rate) / 1000],
        ...[decimal(sign * line.tax), decimal(sign * line.gross)],
      ].join(","),
    );
  });
  return [header, ...rows, ""].join("\n");
}

const bc = businessCentral();
beforeAll(bc.start);
afterAll(bc.stop);
ledgerContract("Business Central", () => bc.subject);

const text = ledgerFile();
ledgerContract(
  "a ledger file",
  () => ({
    open: () => fileLedger(text),
    held: async () => documentsOf(world).map((one) => ({ ...heldAs(one), sourceId: one.number })),
    days: { from: "2000-01-01", to: "2100-01-01" },
    wire: null,
    change: null,
    remove: null,
  }),
  { isAskedOverNetwork: false },
);

it("takes nothing of a ledger file of which one row can't be read", async () => {
  const broken = text.replace(/,[\d.]+\n/, ",12.9x\n");
  expect(broken).not.toBe(text);
  const pages = fileLedger(broken).documents({ modifiedSince: null });
  await expect(pages[Symbol.asyncIterator]().next()).rejects.toThrow(/1 rows can't be read/);
});
