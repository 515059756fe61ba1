import { Decimal } from "decimal.js";
import type { BookLine, DocumentKind } from "@/lib/domain/document";
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
import { draftBody, keyComment, numberOf, pricesOf } from "./draft";
import type { PaymentTerms } from "./payment-terms";
import type { BusinessCentralSettings } from "./settings";
import type { Transport } from "./transport";
import { WIRE, type WrittenWire, writtenWire } from "./wire";

/*
 * Business Central's own posting: a draft in salesInvoices or salesCreditMemos with all its lines in one request (deep
 * insert), then the draft's bound action `post`; a posted document is undone by its bound action `cancel`, by which
 * Business Central itself posts the opposite on the document's own posting date. Read in Microsoft's API reference and in the
 * AL source of its pages (writable fields, actions, error texts). Not verified, for want of a live company: that a deep
 * insert takes all of its lines or nothing (a draft that lacks some is seen by its figures), that a posted document
 * keeps its draft's id (it is found by our key where it doesn't), and what `cancel` leaves behind when it fails halfway.
 */

type Post = Extract<LedgerWrite, { kind: "post-document" }>;
type Reverse = Extract<LedgerWrite, { kind: "reverse-document" }>;
type Found = WrittenWire & Readonly<{ kind: DocumentKind }>;

const LACKS =
  "This connection doesn't say which customer sales are posted to, so nothing can be posted through it. Post in Business Central itself; or name the customer in the connection's settings (write.customerNumber).";

const NAMES = { sale: "invoice", credit: "credit memo" } as const satisfies Record<DocumentKind, string>;
const opposite = (kind: DocumentKind): DocumentKind => (kind === "sale" ? "credit" : "sale");

/** Posts to one company of Business Central, step by step. Our key is a comment line of the document, in both sets. */
export function createBusinessCentralWriter(
  settings: BusinessCentralSettings,
  transport: Transport,
  terms: PaymentTerms,
): Writer<LedgerWrite> {
  const company = WIRE.company(settings.companyId);
  const setPath = (kind: DocumentKind): string => `${company}/${WIRE.sets[kind].name}`;
  const documentPath = (kind: DocumentKind, id: string): string => `${setPath(kind)}(${id})`;

  function writeSettings(): NonNullable<BusinessCentralSettings["write"]> {
    if (settings.write === undefined) throw new Refusal("invalid", LACKS);
    return settings.write;
  }

  const action = (kind: DocumentKind, id: string, name: keyof typeof WIRE.actions): string =>
    `${documentPath(kind, id)}/${WIRE.actions[name]}`;

  function requests(write: LedgerWrite, key: string): readonly [WireRequest, ...WireRequest[]] {
    const own = writeSettings();
    if (write.kind === "post-document") {
      const { kind } = write.document;
      return [
        {
          does: `Makes a draft ${NAMES[kind]} with its lines, which counts for nothing yet`,
          method: "POST",
          path: setPath(kind),
          body: draftBody(write.document, key, own),
        },
        { does: `Posts the draft`, method: "POST", path: action(kind, "{id}", "post"), body: null },
      ];
    }
    const { kind, sourceId, number } = write.document;
    return [
      {
        does: `Cancels ${NAMES[kind]} ${number}: Business Central posts the ${NAMES[opposite(kind)]} that reverses it, on the ${NAMES[kind]}'s own posting date`,
        method: "POST",
        path: action(kind, idOf(sourceId), "cancel"),
        body: null,
      },
    ];
  }

  async function listed(kind: DocumentKind, filter: string): Promise<readonly Found[]> {
    const found: Found[] = [];
    const query = { $filter: filter, $expand: WIRE.sets[kind].lines };
    for await (const { entities, answer } of transport.pages(setPath(kind), query))
      for (const entity of entities) found.push(foundIn(kind, entity, answer.address));
    return found;
  }

  async function one(kind: DocumentKind, id: string): Promise<Found | null> {
    const path = documentPath(kind, id);
    const entity = await transport.one(`${path}?$expand=${WIRE.sets[kind].lines}`);
    return entity === null ? null : foundIn(kind, entity, path);
  }

  async function lookForPosting({ document }: Post, key: string): Promise<Trace> {
    const own = (await listed(document.kind, equals("externalDocumentNumber", document.reference))).filter(
      (draft) => isMarked(draft, key),
    );
    const posted = own.find(isPosted);
    if (posted) return doneTrace(posted);
    const [draft] = own;
    return draft ? begunTrace(draft, document.currency) : { state: "none" };
  }

  /**
   * A document is undone when Business Central has it as cancelled, no matter who did it. A credit memo of the same amount
   * is no proof: it may be for goods that came back. A draft against it is left alone: a `cancel` that failed halfway
   * leaves one, but so does a person at work.
   */
  async function lookForReversal({ document }: Reverse): Promise<Trace> {
    const undone = await one(document.kind, idOf(document.sourceId));
    if (undone === null)
      throw new Refusal("not-found", `Business Central has no ${NAMES[document.kind]} ${document.number}.`);
    if (undone.status !== WIRE.status.canceled) return { state: "none" };
    const [corrective] = await correctivesOf(document);
    return corrective ? doneTrace(corrective) : { state: "done", id: undone.id, number: null };
  }

  /** A corrective credit memo names its invoice; a corrective invoice says no more than the order that it is of. */
  function correctivesOf({ kind, number, reference }: Reverse["document"]): Promise<readonly Found[]> {
    const about =
      kind === "sale" ? equals("invoiceNumber", number) : equals("externalDocumentNumber", reference);
    return listed(opposite(kind), `${about} and ${equals("status", WIRE.status.corrective)}`);
  }

  const look = (write: LedgerWrite, key: string): Promise<Trace> =>
    write.kind === "post-document" ? lookForPosting(write, key) : lookForReversal(write);

  /** The request after what was seen. */
  function following(write: LedgerWrite, key: string, seen: Trace): Pick<WireRequest, "path" | "body"> {
    const [first] = requests(write, key);
    if (seen.state !== "begun") return first;
    return { path: action(write.document.kind, idOf(seen.id), "post"), body: null };
  }

  /** The draft with the id of its payment terms, which is looked up just before it goes out. */
  async function withTerms(body: unknown, write: LedgerWrite): Promise<unknown> {
    if (write.kind !== "post-document" || write.document.payment === undefined) return body;
    if (typeof body !== "object" || body === null) return body;
    return { ...body, paymentTermsId: await terms.idOf(write.document.payment) };
  }

  return {
    lacks: () => (settings.write === undefined ? LACKS : null),
    requests,
    look,
    async advance(write, key, seen) {
      if (seen.state === "done") return seen;
      const { path, body } = following(write, key, seen);
      const filled = await withTerms(body, write);
      const { address } = await transport.send({
        method: "POST",
        path,
        ...(filled !== null && { body: filled }),
      });
      return afterTaking(address, () => look(write, key));
    },
    afterwards: (write, before, given) => afterwards(write, before, given, writeSettings()),
    async discard(write, _, seen) {
      if (seen.state !== "begun") return;
      const { kind } = write.document;
      const draft = await one(kind, idOf(seen.id));
      if (draft === null) return;
      if (isPosted(draft))
        throw new Refusal("conflict", `The ${NAMES[kind]} is posted by now: ${draft.number ?? draft.id}.`);
      await transport.send({ method: "DELETE", path: documentPath(kind, draft.id) });
    },
    settles: (settings.write?.settlesSeconds ?? 600) * 1000,
  };
}

/** What is read afterwards: a new document, or one that is cancelled and the one that corrects it on the same posting date. */
function afterwards(
  write: LedgerWrite,
  before: Standing,
  given: Readonly<{ id: string; at: Date }>,
  settings: NonNullable<BusinessCentralSettings["write"]>,
): Standing {
  if (write.kind === "post-document") {
    const { corrects, currency } = write.document;
    const posted = postedAs(write.document, given, {
      status: WIRE.status.open,
      originalNumber: corrects?.number ?? null,
      pricesIncludeTax: settings.pricesIncludeTax,
      line: (line) => ({
        ...pricesOf(line, currency, settings),
        ...(line.kind !== "item" && { account: numberOf(line, settings) }),
      }),
    });
    return { documents: [{ ...posted, lines: asGivenOut(posted.lines, settings) }], order: null };
  }
  const { kind, sourceId, number } = write.document;
  const undone = before.documents.find((one) => one.kind === kind && one.sourceId === sourceId);
  if (!undone) return { documents: [], order: null };
  const corrective = turnedRound(undone, given, {
    status: WIRE.status.corrective,
    originalNumber: kind === "sale" ? number : null,
    postingDay: undone.postingDay,
  });
  return {
    documents: [{ ...undone, status: WIRE.status.canceled, modifiedAt: given.at }, corrective],
    order: null,
  };
}

/**
 * The lines with their tax as Business Central gives it out: once for all lines of a rate, each line having what the lines up to
 * it come to less what those before it have. Only where that is the tax that the document was planned with.
 */
function asGivenOut(
  lines: readonly BookLine[],
  { pricesIncludeTax }: NonNullable<BusinessCentralSettings["write"]>,
): readonly BookLine[] {
  const given = new Map<string, BookLine>();
  for (const rate of new Set(lines.map((line) => line.taxRate))) {
    if (rate === null) return lines;
    const some = lines.filter((line) => line.taxRate === rate);
    const share = pricesIncludeTax
      ? new Decimal(rate).dividedBy(new Decimal(rate).plus(1))
      : new Decimal(rate);
    let [base, before, planned] = [0n, 0n, 0n];
    for (const line of some) {
      if (line.net === null || line.tax === null) return lines;
      base += pricesIncludeTax ? line.gross : line.net;
      planned += line.tax;
      // Half up, away from nothing on both sides.
      const until = BigInt(share.times(base.toString()).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0));
      const tax = until - before;
      before = until;
      given.set(
        line.sourceLineId,
        pricesIncludeTax ? { ...line, tax, net: line.gross - tax } : { ...line, tax, gross: line.net + tax },
      );
    }
    if (before !== planned) return lines;
  }
  return lines.map((line) => given.get(line.sourceLineId) ?? line);
}

/** Ids come from Business Central itself; what is none of its GUIDs goes into no path. */
function idOf(sourceId: string): string {
  if (/^[0-9a-f-]{36}$/i.test(sourceId)) return sourceId;
  throw new Refusal("invalid", `"${sourceId}" is no id of a document in Business Central.`);
}

/** A quote is doubled in an OData text. */
const equals = (field: string, text: string): string => `${field} eq '${text.replaceAll("'", "''")}'`;

function foundIn(kind: DocumentKind, entity: unknown, address: string): Found {
  const parsed = writtenWire[kind].safeParse(entity);
  if (parsed.success) return { ...parsed.data, kind };
  throw unexpectedAnswer(address, `A ${NAMES[kind]} should hold its id, status and totals.`);
}

const isMarked = ({ lines }: Found, key: string): boolean =>
  lines.some(({ description }) => description === keyComment(key));

const isPosted = ({ status }: Found): boolean => status !== null && WIRE.postedStatus.has(status);

const doneTrace = ({ id, number }: Found): Trace => ({ state: "done", id, number });

function begunTrace(draft: Found, currency: string): Trace {
  const [net, tax, gross] = [
    draft.totalAmountExcludingTax,
    draft.totalTaxAmount,
    draft.totalAmountIncludingTax,
  ].map((text) => (text === null ? null : amountOf(text, currency)));
  const isKnown = net !== null && net !== undefined && tax !== null && tax !== undefined;
  return {
    state: "begun",
    id: draft.id,
    figures: isKnown && gross !== null && gross !== undefined ? { net, tax, gross } : null,
  };
}

function amountOf(text: string, currency: string): bigint {
  try {
    return parseAmount(text, currency);
  } catch (error) {
    throw new Refusal(
      "unavailable",
      `The draft's total can't be read: ${error instanceof Error ? error.message : text}.`,
    );
  }
}
