import { companiesJson, itemsJson, taxGroupsJson } from "@/lib/sandbox/bc-company";
import { documentJson, documentLinesJson, lastModified } from "@/lib/sandbox/bc-document";
import { parseFilter } from "@/lib/sandbox/bc-filter";
import {
  askJournal,
  askJournalLine,
  askJournalPost,
  type JournalDesk,
  journalsJson,
} from "@/lib/sandbox/bc-journals";
import { paymentTermsIdOf, paymentTermsJson } from "@/lib/sandbox/bc-payment-terms";
import { grantToken, isTokenGood } from "@/lib/sandbox/bc-token";
import { askCancel, askDelete, askDraft, askLine, askPost, type Desk } from "@/lib/sandbox/bc-writes";
import { BC_PATH, BC_TOKEN_PATH } from "@/lib/sandbox/connections";
import { type Allowance, type Call, Refused, type Reply, segmentsOf } from "@/lib/sandbox/http";
import type { ErpDocument, World } from "@/lib/sandbox/model";
import { ENTITIES, type EntityCode } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";
import { makeStock, onHand, type StockSet } from "@/lib/sandbox/stock";
import { after, type Living, makeRoll, placeOf, type Roll, type Seen } from "@/lib/sandbox/timeline";
import type { Asked } from "@/lib/sandbox/write-faults";

const LARGEST_PAGE = 20_000;

/** Business Central's two document sets with the names of their lines. */
const DOCUMENT_SETS = {
  salesInvoices: { kind: "sale", lines: "salesInvoiceLines" },
  salesCreditMemos: { kind: "credit", lines: "salesCreditMemoLines" },
} as const;
type SetName = keyof typeof DOCUMENT_SETS;
const isSetName = (name: string): name is SetName => Object.hasOwn(DOCUMENT_SETS, name);

type Books = {
  rolls: Map<string, Roll<ErpDocument>>;
  numbers: Map<string, string>;
  /** how the order of a document was paid, by the document's id */
  paid: ReadonlyMap<string, string>;
  stock: ReturnType<typeof makeStock>;
};

function livingDocument(document: ErpDocument): Living<ErpDocument> {
  const events = [document.draftedAt, document.postedAt, document.paidAt, document.canceledAt];
  const known = events.filter((event) => event !== null).sort((one, other) => one - other);
  return { id: document.id, events: known, value: document };
}

const rollKey = ({ entity, kind }: Pick<ErpDocument, "entity" | "kind">): string => `${entity}/${kind}`;

function openBooks(world: World, levels: readonly StockSet[]): Books {
  const documents = [
    ...world.affairs.flatMap((affair) => affair.documents),
    ...world.summaries.map((summary) => summary.document),
    ...(world.written ?? []),
  ];
  const living = new Map<string, Living<ErpDocument>[]>();
  for (const document of documents) {
    const key = rollKey(document);
    const others = living.get(key);
    if (others) others.push(livingDocument(document));
    else living.set(key, [livingDocument(document)]);
  }
  return {
    rolls: new Map(
      Object.values(ENTITIES).flatMap(({ code: entity }) =>
        (["sale", "credit"] as const).map((kind) => {
          const key = rollKey({ entity, kind });
          return [key, makeRoll(living.get(key) ?? [])];
        }),
      ),
    ),
    numbers: new Map(documents.map((document) => [document.id, document.number])),
    paid: new Map(
      world.affairs.flatMap(({ order, documents: own }) =>
        own.map(({ id }): [string, string] => [id, order.paymentKey]),
      ),
    ),
    stock: makeStock(world, levels),
  };
}

const NOT_FOUND = new Refused(404, "BadRequest_NotFound", "The resource was not found.");

/** name or name(id). */
function resource(segment: string): { name: string; id: string | null } {
  const [, name = "", id = null] = /^(\w+)(?:\(([^)]+)\))?$/.exec(segment) ?? [];
  return { name, id };
}

type Place = { books: Books; call: Call; entity: EntityCode; set: SetName };

function view({ books, call }: Place, document: ErpDocument): Json {
  const modifiedAt = lastModified(document, call.at) ?? 0;
  const invoiceNumber = (document.invoiceId && books.numbers.get(document.invoiceId)) ?? "";
  const paid = books.paid.get(document.id);
  const paymentTermsId =
    document.paymentTermsId ??
    (paid === undefined ? null : paymentTermsIdOf(document.entity, document.id, paid));
  return documentJson({ document, at: call.at, modifiedAt, invoiceNumber, paymentTermsId });
}

function expanded(place: Place, document: ErpDocument, header: Json): Json {
  const { lines } = DOCUMENT_SETS[place.set];
  const wanted = (place.call.query.get("$expand") ?? "").split("(")[0]?.split(",") ?? [];
  return wanted.includes(lines) ? { ...header, [lines]: documentLinesJson(document) } : header;
}

/** $select: the fields that were asked for, or all. */
function selected(call: Call, entity: Json): Json {
  const names = call.query.get("$select");
  if (names === null) return entity;
  const wanted = new Set(names.split(","));
  return Object.fromEntries(Object.entries(entity).filter(([name]) => wanted.has(name)));
}

function pageSize({ headers, query }: Call): { size: number; top: number | null } {
  const [, preferred] = /odata\.maxpagesize=(\d+)/i.exec(String(headers["prefer"] ?? "")) ?? [];
  const size = Math.min(LARGEST_PAGE, preferred ? Math.max(1, Number(preferred)) : LARGEST_PAGE);
  const asked = query.get("$top");
  const top = asked === null ? null : Number(asked);
  if (top !== null && !(Number.isInteger(top) && top >= 0)) {
    throw new Refused(400, "BadRequest", "The value of $top is not valid.");
  }
  return { size, top };
}

function nextLink(call: Call, last: Seen<unknown>): string {
  const query = new URLSearchParams(call.query);
  query.set("$skiptoken", placeOf(last));
  return `${call.origin}${call.path}?${query}`;
}

const referenceOf = ({ writtenReference, reference }: ErpDocument): string => writtenReference ?? reference;

/** The reference that a filter asks for among other things: what has another needn't be looked at. */
function referenceIn(filter: string): string | null {
  const [, text] = /\bexternalDocumentNumber eq '((?:[^']|'')*)'/.exec(filter) ?? [];
  return text === undefined ? null : text.replaceAll("''", "'");
}

function listDocuments(place: Place): Json {
  const { books, call, entity, set } = place;
  const { kind } = DOCUMENT_SETS[set];
  const everything = books.rolls.get(rollKey({ entity, kind }))?.seen(call.at) ?? [];
  const reference = referenceIn(call.query.get("$filter") ?? "");
  const all =
    reference === null ? everything : everything.filter(({ value }) => referenceOf(value) === reference);
  const token = call.query.get("$skiptoken");
  const rest = token ? after(all, token) : all;
  if (!rest) throw new Refused(400, "BadRequest", "The value of $skiptoken is not valid.");
  const test = parseFilter(call.query.get("$filter") ?? "");
  const isCounted = call.query.get("$count") === "true";
  const { size, top } = pageSize(call);
  const most = Math.min(size, top ?? size);
  const found: { seen: Seen<ErpDocument>; header: Json }[] = [];
  for (const seen of rest) {
    const header = view(place, seen.value);
    if (test(header)) found.push({ seen, header });
    if (found.length > most) break;
  }
  const page = found.slice(0, most);
  const last = page.at(-1);
  const more = found.length > most && top === null && last !== undefined;
  return {
    "@odata.context": `${call.origin}${BC_PATH}/$metadata#companies(${ENTITIES[entity].companyId})/${set}`,
    // OData counts what the filter lets through, whatever the page.
    ...(isCounted ? { "@odata.count": all.filter((seen) => test(view(place, seen.value))).length } : {}),
    value: page.map(({ seen, header }) => selected(call, expanded(place, seen.value, header))),
    ...(more ? { "@odata.nextLink": nextLink(call, last.seen) } : {}),
  };
}

function oneDocument(place: Place, id: string): ErpDocument {
  const kind = DOCUMENT_SETS[place.set].kind;
  const all = place.books.rolls.get(rollKey({ entity: place.entity, kind }))?.seen(place.call.at) ?? [];
  const found = all.find((seen) => seen.id === id.toLowerCase());
  if (!found) throw NOT_FOUND;
  return found.value;
}

/** A list that has no life of its own, page by page: its pages are told apart by how many went before. */
function listed(call: Call, entities: Json[]): Json {
  const test = parseFilter(call.query.get("$filter") ?? "");
  const { size, top } = pageSize(call);
  const token = call.query.get("$skiptoken") ?? "0";
  if (!/^\d+$/.test(token)) throw new Refused(400, "BadRequest", "The value of $skiptoken is not valid.");
  const rest = entities.filter(test).slice(Number(token));
  const page = rest.slice(0, Math.min(size, top ?? size));
  const query = new URLSearchParams(call.query);
  query.set("$skiptoken", String(Number(token) + page.length));
  const more = top === null && rest.length > page.length;
  return {
    value: page.map((entity) => selected(call, entity)),
    ...(more ? { "@odata.nextLink": `${call.origin}${call.path}?${query}` } : {}),
  };
}

function answerInCompany(
  world: World,
  books: Books,
  call: Call,
  entity: EntityCode,
  segments: string[],
  journals: (entity: EntityCode) => JournalDesk,
): Json {
  const { name, id } = resource(segments[0] ?? "");
  const ofJournals = journalsJson(segments.map(resource), journals(entity));
  if (ofJournals) return listed(call, ofJournals);
  if (name === "items") {
    return listed(
      call,
      itemsJson(world, entity, (variant) => onHand(books.stock(variant, call.at), entity)),
    );
  }
  if (name === "taxGroups") return listed(call, taxGroupsJson(entity));
  if (name === "paymentTerms") return listed(call, paymentTermsJson(entity));
  if (name === "salesInvoiceLines" || name === "salesCreditMemoLines") {
    const message = "You must specify an Id or a Document Id to get the lines.";
    throw new Refused(400, "Application_DialogException", message);
  }
  if (!isSetName(name)) throw NOT_FOUND;
  const place: Place = { books, call, entity, set: name };
  if (id === null) return listDocuments(place);
  const document = oneDocument(place, id);
  if (segments.length === 1) return expanded(place, document, view(place, document));
  if (segments[1] !== DOCUMENT_SETS[name].lines) throw NOT_FOUND;
  return { value: documentLinesJson(document) };
}

function answer(world: World, books: Books, call: Call, journals: (entity: EntityCode) => JournalDesk): Json {
  const [first = "", ...inCompany] = segmentsOf(call.path.slice(BC_PATH.length));
  const { name, id } = resource(first);
  if (name !== "companies") throw NOT_FOUND;
  if (id === null) return listed(call, companiesJson());
  const entity = Object.values(ENTITIES).find((one) => one.companyId === id.toLowerCase());
  if (!entity) throw new Refused(404, "Internal_CompanyNotFound", "The company was not found.");
  const company = companiesJson().find((one) => one["id"] === entity.companyId);
  if (inCompany.length === 0 && company) return company;
  return answerInCompany(world, books, call, entity.code, inCompany, journals);
}

/** The document set and the document in it that a changing call is about, and what follows it in the address. */
function aimOf(call: Call): { entity: EntityCode; set: SetName; id: string | null; action: string } | null {
  const [first = "", second = "", action = "", ...beyond] = segmentsOf(call.path.slice(BC_PATH.length));
  const company = resource(first);
  const aim = resource(second);
  const entity = Object.values(ENTITIES).find((one) => one.companyId === company.id?.toLowerCase());
  if (company.name !== "companies" || !entity || !isSetName(aim.name) || beyond.length > 0) return null;
  return { entity: entity.code, set: aim.name, id: aim.id, action };
}

/** What is to change in the journals; null where it is not about them. */
function askedJournal(call: Call, journals: (entity: EntityCode) => JournalDesk): Asked | null {
  const [first = "", second = "", third = "", ...beyond] = segmentsOf(call.path.slice(BC_PATH.length));
  const [company, aim] = [resource(first), resource(second)];
  const entity = Object.values(ENTITIES).find((one) => one.companyId === company.id?.toLowerCase());
  if (call.method !== "POST" || aim.name !== "journals" || !entity || beyond.length > 0) return null;
  const desk = journals(entity.code);
  if (aim.id === null) return third === "" ? askJournal(call, desk) : null;
  if (third === "journalLines") return askJournalLine(call, aim.id, desk);
  return third === "Microsoft.NAV.post" ? askJournalPost(call, aim.id, desk) : null;
}

/** What is to change, or null where nothing is. */
function askedWrite(call: Call, deskOf: (entity: EntityCode) => Desk): Asked | null {
  const aim = aimOf(call);
  if (!aim) return null;
  const { entity, set, id, action } = aim;
  const { kind, lines } = DOCUMENT_SETS[set];
  const desk = deskOf(entity);
  if (call.method === "DELETE") return id !== null && action === "" ? askDelete(call, kind, id, desk) : null;
  if (call.method !== "POST") return null;
  if (id === null) return askDraft(call, kind, desk, lines);
  if (action === lines) return askLine(call, kind, id, desk);
  // The names of actions are case-sensitive.
  if (action === "Microsoft.NAV.post") return askPost(call, kind, id, desk);
  return action === "Microsoft.NAV.cancel" ? askCancel(call, kind, id, desk) : null;
}

export type BusinessCentralApi = Readonly<{
  answer(call: Call): Reply;
  /** Shows a document as it stands now. */
  put(document: ErpDocument): void;
  /** Takes a document away. */
  drop(document: ErpDocument): void;
}>;

type Surroundings = {
  allowance: Allowance;
  wallClock: () => number;
  stock: readonly StockSet[];
  /** What is known of documents beyond what is shown. */
  written: Pick<Desk, "document" | "written" | "latest" | "booksOpenFrom"> & Pick<JournalDesk, "journals">;
  /** Carries out what is asked for. */
  carryOut: (asked: Asked) => Reply;
};

/** Business Central's API v2.0 and its token endpoint over a world: companies, items, tax groups, sales documents and their posting. */
export function businessCentralApi(
  world: World,
  { allowance, wallClock, stock, written, carryOut }: Surroundings,
): BusinessCentralApi {
  const books = openBooks(world, stock);
  let correlation = 0;
  const correlated = (message: string): string => {
    correlation += 1;
    const id = `00000000-0000-4000-8000-${String(correlation).padStart(12, "0")}`;
    return `${message}  CorrelationId:  ${id}.`;
  };
  const deskAt =
    (at: number) =>
    (entity: EntityCode): Desk => {
      const seen = (kind: ErpDocument["kind"]) =>
        (books.rolls.get(rollKey({ entity, kind }))?.seen(at) ?? []).map(({ value }) => value);
      return {
        ...written,
        world,
        entity,
        byNumber: (kind, number) =>
          seen(kind).find((one) => one.number === number && one.postedAt !== null && one.postedAt <= at) ??
          null,
        ofReference: (reference) =>
          [...seen("sale"), ...seen("credit")].filter((one) => referenceOf(one) === reference),
      };
    };
  const journalDesk = (entity: EntityCode): JournalDesk => ({
    entity,
    anchor: world.anchor,
    journals: written.journals,
    booksOpenFrom: written.booksOpenFrom,
  });
  const answerCall = (call: Call): Reply => {
    if (call.path === BC_TOKEN_PATH) return grantToken(call, wallClock);
    try {
      if (!call.path.startsWith(`${BC_PATH}/`)) throw NOT_FOUND;
      if (!isTokenGood(call.headers.authorization, wallClock)) {
        const message = "The credentials provided are incorrect";
        throw new Refused(401, "Authentication_InvalidCredentials", message);
      }
      if (!allowance.take().allowed) {
        const message = "Too many requests reached. Actual limit reached, please try again later.";
        throw new Refused(429, "Application_TooManyRequests", message);
      }
      if (call.method === "GET") return { status: 200, body: answer(world, books, call, journalDesk) };
      const asked = askedJournal(call, journalDesk) ?? askedWrite(call, deskAt(call.at));
      if (!asked) throw new Refused(405, "BadRequest_MethodNotAllowed", "This is not served here.");
      return carryOut(asked);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return {
        status: error.status,
        body: { error: { code: error.code, message: correlated(error.message) } },
      };
    }
  };
  return {
    answer: answerCall,
    put(document) {
      books.numbers.set(document.id, document.number);
      books.rolls.get(rollKey(document))?.put(livingDocument(document));
    },
    drop: (document) => books.rolls.get(rollKey(document))?.drop(document.id),
  };
}
