import type { DocumentKind } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import { parseAmount } from "@/lib/domain/money";
import { postedAs, turnedRound } from "../afterwards";
import { unexpectedAnswer } from "../fault";
import {
  afterTaking,
  type LedgerWrite,
  type Standing,
  type Trace,
  type WireRequest,
  type Writer,
} from "../write";
import {
  type Draft,
  draftInvoice,
  draftReversal,
  keyDescription,
  lookupsIn,
  mapLookups,
  shownBody,
} from "./draft";
import { createLookups } from "./lookups";
import { searchRead } from "./records";
import type { Rpc } from "./rpc";
import type { TrytonSettings } from "./settings";
import { invoiceIdOf } from "./translate";
import { WIRE, type WrittenWire, writtenWire } from "./wire";

/*
 * Tryton's invoice workflow: a draft is created with its lines, written to once, by which Tryton reckons its taxes (it does so
 * on every write to a draft, and not when one is created), and posted. A credit note is an invoice of negative quantities.
 * Its own credit wizard would leave our key out of what it makes, so a reversal is made like any other draft, each line
 * naming the line that it takes back; what was owed and what is given back are not reconciled with each other by it.
 * Run against Tryton 6.0; source: account_invoice/invoice.py. It numbers in the order of dates and refuses an earlier one.
 */

const LACKS =
  "This connection doesn't say which party sales are posted to, so nothing can be posted through it. Post in Tryton itself; or name the party in the connection's settings (write.partyCode).";

const opposite = (kind: DocumentKind): DocumentKind => (kind === "sale" ? "credit" : "sale");

/** What a write makes: the kind of the new document. */
const madeBy = (write: LedgerWrite): DocumentKind =>
  write.kind === "post-document" ? write.document.kind : opposite(write.document.kind);

const NAMES = { sale: "invoice", credit: "credit note" } as const satisfies Record<DocumentKind, string>;

/** Posts to one company of a Tryton, step by step. Our key is the invoice's description. */
export function createTrytonWriter(settings: TrytonSettings, rpc: Rpc): Writer<LedgerWrite> {
  const path = `/${settings.database}/`;

  function writeSettings(): NonNullable<TrytonSettings["write"]> {
    if (settings.write === undefined) throw new Refusal("invalid", LACKS);
    return settings.write;
  }

  function draftOf(write: LedgerWrite, key: string, currency: string): Draft {
    if (write.kind === "post-document") return draftInvoice(write.document, key, writeSettings());
    return draftReversal(write.document, write.postingDay, key, writeSettings(), currency);
  }

  /** Of a reversal the currency is the document's own, which is only looked up when it is sent. */
  const shownCurrency = (write: LedgerWrite): string =>
    write.kind === "post-document" ? write.document.currency : `of ${write.document.number}`;

  const reckoned = ({ document: { reference } }: LedgerWrite): Draft => ({ reference });

  /** As it goes out, but for the number of the call and the session's context, which end every call. */
  const request = (does: string, method: string, params: readonly unknown[]): WireRequest => ({
    does,
    method: "POST",
    path,
    body: { method, params },
  });

  function requests(write: LedgerWrite, key: string): readonly WireRequest[] {
    const name = NAMES[madeBy(write)];
    const { create, write: change, post } = WIRE.methods;
    return [
      request(`Makes a draft ${name} with its lines, which counts for nothing yet`, create, [
        [shownBody(draftOf(write, key, shownCurrency(write)))],
      ]),
      request("Writes its reference once more, by which Tryton reckons its taxes", change, [
        ["{id}"],
        reckoned(write),
      ]),
      request("Posts it", post, [["{id}"]]),
    ];
  }

  async function found(domain: readonly unknown[]): Promise<readonly WrittenWire[]> {
    const { records, answer } = await searchRead(
      rpc,
      WIRE.models.invoice,
      [["type", "=", "out"], ["company", "=", await rpc.company()], ...domain],
      WIRE.fields.written,
    );
    return records.map((record) => {
      const parsed = writtenWire.safeParse(record);
      if (parsed.success) return parsed.data;
      throw unexpectedAnswer(answer.address, "An invoice should hold its state and its totals.");
    });
  }

  async function look(write: LedgerWrite, key: string): Promise<Trace> {
    const own = await found([["description", "=", keyDescription(key)]]);
    const posted = own.find(({ state }) => WIRE.postedStates.has(state));
    if (posted) return { state: "done", id: String(posted.id), number: posted.number };
    if (write.kind === "reverse-document") {
      // Somebody may have cancelled it in Tryton itself.
      const undone = await invoiceOf(write.document);
      if (undone.state === WIRE.cancelled) return { state: "done", id: String(undone.id), number: null };
    }
    const draft = own.find(({ state }) => WIRE.draftStates.has(state));
    return draft ? begunTrace(draft, madeBy(write), await isReckoned(draft)) : { state: "none" };
  }

  async function invoiceOf(document: Readonly<{ sourceId: string; number: string }>): Promise<WrittenWire> {
    const id = invoiceIdOf(document.sourceId);
    const [invoice] = id === null ? [] : await found([["id", "=", id]]);
    if (invoice) return invoice;
    throw new Refusal("not-found", `Tryton has no invoice ${document.number}.`);
  }

  /** A draft has its taxes, or none of its lines is taxed. */
  async function isReckoned({ id, taxes, state }: WrittenWire): Promise<boolean> {
    if (taxes.length > 0 || state !== "draft") return true;
    const domain = [
      ["invoice", "=", id],
      ["taxes", "!=", null],
    ];
    return (await searchRead(rpc, WIRE.models.line, domain, ["id"], 1)).records.length === 0;
  }

  async function sendDraft(write: LedgerWrite, key: string): Promise<string> {
    const currency =
      write.kind === "post-document"
        ? write.document.currency
        : (await invoiceOf(write.document))["currency."].code;
    const draft = draftOf(write, key, currency);
    const lookUp = createLookups(rpc, writeSettings());
    const ids = new Map<string, unknown>();
    for (const lookup of lookupsIn(draft)) ids.set(JSON.stringify(lookup), await lookUp(lookup));
    const body = mapLookups(draft, (lookup) => ids.get(JSON.stringify(lookup)) ?? null);
    return (await rpc.change(WIRE.methods.create, [[body]])).answer.address;
  }

  async function sendNext(seen: Extract<Trace, { state: "begun" }>, write: LedgerWrite): Promise<string> {
    const id = invoiceIdOf(seen.id);
    if (id === null) throw new Refusal("invalid", `"${seen.id}" is no id of an invoice in Tryton.`);
    const { write: change, post } = WIRE.methods;
    const { answer } =
      seen.figures === null
        ? await rpc.change(change, [[id], reckoned(write)])
        : await rpc.change(post, [[id]]);
    return answer.address;
  }

  return {
    lacks: () => (settings.write === undefined ? LACKS : null),
    requests,
    look,
    async advance(write, key, seen) {
      if (seen.state === "done") return seen;
      const address = seen.state === "begun" ? await sendNext(seen, write) : await sendDraft(write, key);
      return afterTaking(address, () => look(write, key));
    },
    afterwards,
    async discard(_, __, seen) {
      const id = seen.state === "begun" ? invoiceIdOf(seen.id) : null;
      if (id === null) return;
      const [draft] = await found([["id", "=", id]]);
      if (!draft) return;
      if (!WIRE.draftStates.has(draft.state))
        throw new Refusal("conflict", `It is ${draft.state} by now: ${draft.number ?? draft.id}.`);
      await rpc.change(WIRE.methods.delete, [[id]]);
    },
    settles: (settings.write?.settlesSeconds ?? 60) * 1000,
  };
}

/** What is read afterwards: a new invoice or credit note. What it takes back stays as it is, and is named by its lines. */
function afterwards(
  write: LedgerWrite,
  before: Standing,
  given: Readonly<{ id: string; at: Date }>,
): Standing {
  if (write.kind === "post-document") {
    const posted = postedAs(write.document, given, {
      status: "posted",
      originalNumber: write.document.corrects?.number ?? null,
      pricesIncludeTax: false,
      line: ({ taxCode }) => (taxCode === "" ? {} : { taxAllocated: true, taxedOnPrice: true }),
    });
    return { documents: [posted], order: null };
  }
  const { kind, sourceId, number } = write.document;
  const undone = before.documents.find((one) => one.kind === kind && one.sourceId === sourceId);
  if (!undone) return { documents: [], order: null };
  const { postingDay } = write;
  return {
    documents: [turnedRound(undone, given, { status: "posted", originalNumber: number, postingDay })],
    order: null,
  };
}

function begunTrace(draft: WrittenWire, kind: DocumentKind, isWhole: boolean): Trace {
  if (!isWhole) return { state: "begun", id: String(draft.id), figures: null };
  const sign = kind === "credit" ? -1n : 1n;
  const amount = (text: string): bigint => sign * parseAmount(text, draft["currency."].code);
  return {
    state: "begun",
    id: String(draft.id),
    figures: {
      net: amount(draft.untaxed_amount),
      tax: amount(draft.tax_amount),
      gross: amount(draft.total_amount),
    },
  };
}
