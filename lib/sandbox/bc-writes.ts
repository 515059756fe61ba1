import { z } from "zod";
import { netOutOf, taxWithin, weightedRate } from "@/lib/sandbox/arithmetic";
import { hasPaymentTerms } from "@/lib/sandbox/bc-payment-terms";
import { addMonths, localDate, SECOND } from "@/lib/sandbox/calendar";
import { type Call, jsonOf, Refused } from "@/lib/sandbox/http";
import type { ErpDocument, ErpLine, World } from "@/lib/sandbox/model";
import type { UntaxedLine } from "@/lib/sandbox/postings";
import { makeGuid } from "@/lib/sandbox/random";
import {
  CUSTOMER_NUMBER,
  ENTITIES,
  type EntityCode,
  PAYMENT_FEE_ACCOUNT,
  ROUNDING_ACCOUNT,
  type SandboxShop,
  SHIPPING_ACCOUNT,
  SHOPS,
} from "@/lib/sandbox/retailer";
import type { Asked, Decision } from "@/lib/sandbox/write-faults";
import type { Write } from "@/lib/sandbox/writes";

/*
 * Drafts, posting and cancelling as Business Central has them. The texts in quotes of its API pages are theirs; those of the
 * application below them (closed periods, paid invoices, unknown tax codes) are from memory of it.
 */

type Kind = ErpDocument["kind"];

/** The books of one company, as far as writing needs them. */
export type Desk = Readonly<{
  world: World;
  entity: EntityCode;
  /** a document as it stands now, gone and future ones not */
  document(id: string): ErpDocument | null;
  /** a posted document by its number */
  byNumber(kind: Kind, number: string): ErpDocument | null;
  /** documents of a reference */
  ofReference(reference: string): readonly ErpDocument[];
  /** every document that was ever written */
  written(): readonly ErpDocument[];
  /** a written document as it will stand once everything has taken effect */
  latest(id: string): ErpDocument | null;
  booksOpenFrom(): string | null;
}>;

const NAME = { sale: "invoice", credit: "credit memo" } as const satisfies Record<Kind, string>;
const opposite = (kind: Kind): Kind => (kind === "sale" ? "credit" : "sale");

const bad = (message: string, code = "BadRequest") => new Refused(400, code, message);
const dialog = (message: string) => bad(message, "Application_DialogException");
const NOT_FOUND = new Refused(404, "BadRequest_NotFound", "The resource was not found.");
const LOCKED = dialog(
  "The document is being changed by another user. Start your activity again when they are done.",
);

const lineBody = z.looseObject({
  lineType: z.enum(["Comment", "Item", "Account"]).default("Comment"),
  lineObjectNumber: z.string().default(""),
  description: z.string().max(100).optional(),
  quantity: z.number().default(0),
  unitPrice: z.number().default(0),
  discountAmount: z.number().default(0),
  /** absent: the item's own; empty: none, as posted lines without a code have it */
  taxCode: z.string().nullable().default(null),
});
type LineBody = z.infer<typeof lineBody>;

const headerBody = z.looseObject({
  customerNumber: z.string().default(""),
  externalDocumentNumber: z.string().default(""),
  postingDate: z.iso.date().optional(),
  currencyCode: z.string().default(""),
  invoiceNumber: z.string().default(""),
  paymentTermsId: z.string().optional(),
});

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw bad(`The request body is not valid. ${z.prettifyError(result.error)}`);
}

/** A draft with its lines, sent to one of the two sets. */
export function askDraft(call: Call, kind: Kind, desk: Desk, linesName: string): Asked {
  const body = jsonOf(call.body);
  const header = parsed(headerBody, body);
  const lines = parsed(
    z.array(lineBody).default([]),
    (body as Readonly<Record<string, unknown>>)[linesName] ?? undefined,
  );
  return {
    kind: "draft",
    reference: header.externalDocumentNumber,
    at: call.at,
    refusal: bad("The request was rejected by an event subscriber of the company."),
    decide(partial): Decision {
      checkHeader(header, desk.entity);
      const at = call.at - (call.at % SECOND);
      const place = desk.written().filter((one) => one.entity === desk.entity && one.kind === kind).length;
      const document: ErpDocument = {
        id: makeGuid("written", desk.entity, kind, place),
        number: `${kind === "sale" ? "S-INV" : "S-CR"}${100_001 + place}`,
        entity: desk.entity,
        currency: currencyOf(header.currencyCode, desk.entity),
        kind,
        reference: header.externalDocumentNumber,
        postingDate: header.postingDate ?? localDate(at, ENTITIES[desk.entity].timeZone),
        draftedAt: at,
        postedAt: null,
        paidAt: null,
        canceledAt: null,
        invoiceId: invoiceIdOf(kind, header.invoiceNumber, desk),
        reverses: false,
        comments: [],
        lines: [],
        ...(header.paymentTermsId !== undefined && { paymentTermsId: header.paymentTermsId }),
      };
      const taken = partial ? lines.slice(0, Math.max(1, lines.length - 1)) : lines;
      const whole = withLines(document, taken, desk);
      return {
        reply: { status: 201, body: { id: whole.id, number: whole.number, status: "Draft" } },
        happened: [{ what: "document", at, document: whole }],
      };
    },
  };
}

function checkHeader(header: z.infer<typeof headerBody>, entity: EntityCode): void {
  if (header.customerNumber === "") throw dialog('A "customerNumber" or a "customerId" must be provided.');
  if (header.customerNumber !== CUSTOMER_NUMBER) throw dialog("The sell-to customer cannot be found.");
  const { length } = header.externalDocumentNumber;
  if (length > 35)
    throw bad(
      `The length of the string is ${length}, but it must be less than or equal to 35 characters. Value: ${header.externalDocumentNumber}`,
      "Application_StringExceededLength",
    );
  currencyOf(header.currencyCode, entity);
  if (header.paymentTermsId !== undefined && !hasPaymentTerms(entity, header.paymentTermsId))
    throw dialog('The "paymentTermsId" does not match to a Payment Terms.');
}

function currencyOf(code: string, entity: EntityCode): ErpDocument["currency"] {
  if (code === "") return ENTITIES[entity].currency;
  if (code === "EUR" || code === "GBP") return code;
  throw dialog('The "currencyCode" does not match to a Currency.');
}

function invoiceIdOf(kind: Kind, number: string, desk: Desk): string | null {
  if (kind === "sale" || number === "") return null;
  const invoice = desk.byNumber("sale", number);
  if (invoice) return invoice.id;
  throw dialog('The "invoiceId" and "invoiceNumber" do not match to a specific Invoice.');
}

/** One more line for a draft. */
export function askLine(call: Call, kind: Kind, id: string, desk: Desk): Asked {
  const line = parsed(lineBody, jsonOf(call.body));
  const draft = draftOf(kind, id, desk, call.at);
  return {
    kind: "line",
    reference: draft.reference,
    at: call.at,
    refusal: bad("The request was rejected by an event subscriber of the company."),
    decide(): Decision {
      const at = call.at - (call.at % SECOND);
      const document = { ...withLines(draft, [line], desk), draftedAt: at };
      return {
        reply: { status: 201, body: { documentId: draft.id, sequence: 10_000 * document.lines.length } },
        happened: [{ what: "document", at, document }],
      };
    },
  };
}

/** The draft with more lines, all of them taxed as Business Central does: once per document and rate. */
function withLines(draft: ErpDocument, bodies: readonly LineBody[], desk: Desk): ErpDocument {
  const comments = bodies.filter((one) => one.lineType === "Comment").map((one) => one.description ?? "");
  const untaxed = bodies.filter((one) => one.lineType !== "Comment").map((body) => untaxedLine(body, desk));
  const goods = [...draft.lines, ...untaxed]
    .filter((line) => line.kind === "Item")
    .map((line) => ({ net: netOutOf(line.gross, line.rate).net, rate: line.rate }));
  const rated = untaxed.map((line) =>
    isMixed(line.taxCode, desk.entity)
      ? { ...line, rate: mixedRate(draft, line.taxCode, goods, desk) }
      : line,
  );
  return {
    ...draft,
    comments: [...(draft.comments ?? []), ...comments],
    lines: taxed([...draft.lines, ...rated]),
  };
}

const shopsOf = (entity: EntityCode): SandboxShop[] =>
  Object.values(SHOPS).filter((shop: SandboxShop) => shop.entity === entity);
const isMixed = (code: string, entity: EntityCode): boolean =>
  shopsOf(entity).some((shop) => shop.mixedTaxCode === code);

/** The average that a mixed code stands for: as on the order's other documents, else of the goods beside it. */
function mixedRate(
  { reference }: ErpDocument,
  code: string,
  goods: readonly { net: bigint; rate: bigint }[],
  desk: Desk,
): bigint {
  const other = desk
    .ofReference(reference)
    .flatMap((document) => document.lines)
    .find((line) => line.taxCode === code);
  return other?.rate ?? weightedRate(goods);
}

function untaxedLine(body: LineBody, desk: Desk): UntaxedLine {
  const { lineType, lineObjectNumber: number, quantity, unitPrice, discountAmount } = body;
  const isItem = lineType === "Item";
  const variant = isItem ? desk.world.catalogue.find((one) => one.sku === number) : undefined;
  if (isItem && !variant) throw dialog("Item does not exist.");
  if (!isItem && !ACCOUNTS.has(number)) throw dialog("Account does not exist.");
  if (!Number.isInteger(quantity)) throw bad("This item is sold in whole pieces.");
  const { rate, taxCode } = taxOf(body.taxCode, variant?.category ?? null, desk.entity);
  const [price, discount] = [minorOf(unitPrice), minorOf(discountAmount)];
  return {
    kind: isItem ? "Item" : "Account",
    number,
    description: body.description ?? variant?.name ?? number,
    quantity: BigInt(quantity),
    unitPrice: price,
    discount: 0n,
    ...(discount === 0n ? {} : { lineDiscount: discount }),
    rate,
    taxCode,
    gross: BigInt(quantity) * price - discount,
  };
}

const ACCOUNTS: ReadonlySet<string> = new Set([SHIPPING_ACCOUNT, PAYMENT_FEE_ACCOUNT, ROUNDING_ACCOUNT]);

const minorOf = (major: number): bigint => BigInt(Math.round(major * 100));

/** The rate of a code of the company; an item without a code has its own, an account none. */
function taxOf(
  code: string | null,
  category: keyof SandboxShop["rates"] | null,
  entity: EntityCode,
): { rate: bigint; taxCode: string } {
  const shops = shopsOf(entity);
  const [home] = shops;
  if (code === null && category !== null && home) {
    const rate = home.rates[category];
    return { rate, taxCode: home.taxCodes.find((one) => one.rate === rate)?.code ?? "" };
  }
  if (code === null || code === "") return { rate: 0n, taxCode: "" };
  const known = shops.flatMap((shop) => shop.taxCodes).find((one) => one.code === code);
  if (known) return { rate: known.rate, taxCode: code };
  if (isMixed(code, entity)) return { rate: 0n, taxCode: code };
  throw bad(
    `The field Tax Code of table Sales Line contains a value (${code}) that cannot be found in the related table (VAT Product Posting Group).`,
    "Internal_InvalidTableRelation",
  );
}

/** As `taxLines` of postings, for lines that may be less than nothing too. */
function taxed(lines: readonly (UntaxedLine | ErpLine)[]): ErpLine[] {
  const soFar = new Map<bigint, { gross: bigint; tax: bigint }>();
  return lines.map((line) => {
    const before = soFar.get(line.rate) ?? { gross: 0n, tax: 0n };
    const gross = before.gross + line.gross;
    const until = gross < 0n ? -taxWithin(-gross, line.rate) : taxWithin(gross, line.rate);
    soFar.set(line.rate, { gross, tax: until });
    const tax = until - before.tax;
    return { ...line, tax, net: line.gross - tax };
  });
}

function draftOf(kind: Kind, id: string, desk: Desk, at: number): ErpDocument {
  const document = existing(kind, id, desk, at);
  if (document.postedAt === null && (desk.latest(document.id)?.postedAt ?? null) !== null) throw LOCKED;
  if (document.postedAt === null || document.postedAt > at) return document;
  throw dialog(`The action can be applied to a draft ${NAME[kind]} only.`);
}

function existing(kind: Kind, id: string, desk: Desk, at: number): ErpDocument {
  const document = desk.document(id.toLowerCase());
  const begun = document?.draftedAt ?? document?.postedAt ?? null;
  const isThere = document && document.kind === kind && document.entity === desk.entity;
  if (!isThere || begun === null || begun > at) throw NOT_FOUND;
  return document;
}

function checkPeriod(postingDate: string, desk: Desk, words: string): void {
  const from = desk.booksOpenFrom() ?? `${addMonths(desk.world.anchor, -2)}-01`;
  if (postingDate < from) throw dialog(words);
}

/** The next of a series without gaps: what was cancelled keeps the number that it had. */
function nextNumber(kind: Kind, desk: Desk): string {
  const series = kind === "sale" ? "PSIW-" : "PSCMW-";
  const used = desk.written().filter((one) => one.entity === desk.entity && one.number.startsWith(series));
  return `${series}${100_001 + used.length}`;
}

const NO_CONTENT = { status: 204, body: {} };

/** The bound action `post` of a draft. */
export function askPost(call: Call, kind: Kind, id: string, desk: Desk): Asked {
  const draft = draftOf(kind, id, desk, call.at);
  return {
    kind: "post",
    reference: draft.reference,
    at: call.at,
    refusal: dialog("The combination of dimensions used in the document is blocked."),
    decide(): Decision {
      if (draft.lines.length === 0) throw dialog(`Please add at least one line item to the ${NAME[kind]}.`);
      checkPeriod(
        draft.postingDate,
        desk,
        `Posting Date is not within your range of allowed posting dates in Sales Header Document Type='${kind === "sale" ? "Invoice" : "Credit Memo"}',No.='${draft.number}'.`,
      );
      const at = call.at - (call.at % SECOND);
      const document = { ...draft, number: nextNumber(kind, desk), postedAt: at };
      return { reply: NO_CONTENT, happened: [{ what: "document", at, document }] };
    },
  };
}

/** Takes a draft away. */
export function askDelete(call: Call, kind: Kind, id: string, desk: Desk): Asked {
  const document = existing(kind, id, desk, call.at);
  const by = (instant: number | null): boolean => instant !== null && instant <= call.at;
  return {
    kind: "delete",
    reference: document.reference,
    at: call.at,
    refusal: LOCKED,
    decide(): Decision {
      if (by(document.postedAt))
        throw dialog(`You cannot delete the posted ${NAME[kind]} ${document.number}.`);
      return {
        reply: NO_CONTENT,
        happened: [{ what: "document-deleted", at: call.at, id: document.id }],
      };
    },
  };
}

/** The bound action `cancel` of a posted document: its opposite is posted on the same posting date. */
export function askCancel(call: Call, kind: Kind, id: string, desk: Desk): Asked {
  const document = existing(kind, id, desk, call.at);
  const by = (instant: number | null): boolean => instant !== null && instant <= call.at;
  return {
    kind: "cancel",
    reference: document.reference,
    at: call.at,
    refusal: dialog(
      `You cannot cancel this posted sales ${NAME[kind]} because Dimension Rule Setup for account 8400 prevents it.`,
    ),
    decide(partial): Decision {
      if (!by(document.postedAt)) throw dialog(`The action can be applied to a posted ${NAME[kind]} only.`);
      if (document.canceledAt === null && (desk.latest(document.id)?.canceledAt ?? null) !== null)
        throw LOCKED;
      if (by(document.canceledAt))
        throw dialog(`The ${NAME[kind]} cannot be canceled because it has already been canceled.`);
      if (document.reverses)
        throw dialog(`You cannot cancel this posted sales ${NAME[kind]} because it is a correction itself.`);
      if (by(document.paidAt))
        throw dialog(
          `You cannot cancel this posted sales ${NAME[kind]} because it is fully paid. To reverse a paid sales ${NAME[kind]}, you must manually create a sales ${NAME[opposite(kind)]}.`,
        );
      checkPeriod(
        document.postingDate,
        desk,
        `You cannot cancel this posted sales ${NAME[kind]} because it was posted in a posting period that is closed.`,
      );
      const at = call.at - (call.at % SECOND);
      const other = correctiveOf(document, at, desk);
      if (partial) {
        const draft = { ...other, number: `D-${other.number}`, draftedAt: at, postedAt: null };
        const words = `Canceling the ${NAME[kind]} failed because of the following error: \\\\The posting was interrupted.\\\\A ${NAME[other.kind]} is created but not posted.`;
        return { reply: failed(words), happened: [{ what: "document", at, document: draft }] };
      }
      const happened: Write[] = [
        { what: "document", at, document: { ...document, paidAt: null, canceledAt: at } },
        { what: "document", at, document: other },
      ];
      return { reply: NO_CONTENT, happened };
    },
  };
}

const failed = (message: string) => ({
  status: 400,
  body: { error: { code: "Application_DialogException", message } },
});

function correctiveOf(document: ErpDocument, at: number, desk: Desk): ErpDocument {
  const kind = opposite(document.kind);
  return {
    ...document,
    id: makeGuid("corrective", document.id, at),
    number: nextNumber(kind, desk),
    kind,
    draftedAt: null,
    postedAt: at,
    paidAt: null,
    invoiceId: document.kind === "sale" ? document.id : null,
    reverses: true,
    comments: [],
  };
}
