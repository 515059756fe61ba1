import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import type { Io, LedgerSource, Page, Reading, Since, TaxCode } from "../contract";
import { faultOf } from "../fault";
import { countDocuments } from "./count";
import { createBusinessCentralJournals } from "./journal";
import { createPaymentTerms } from "./payment-terms";
import { paymentTermsOf, readDocument, variantIdsOf } from "./read";
import type { BusinessCentralSecret, BusinessCentralSettings } from "./settings";
import { seeBusinessCentral } from "./sight";
import { stockOf } from "./stock";
import type { Surroundings } from "./translate";
import { createTransport, type Query, type Transport } from "./transport";
import { createVariants } from "./variants";
import { taxGroupWire, WIRE } from "./wire";
import { createBusinessCentralWriter } from "./write";

const KINDS: readonly DocumentKind[] = ["sale", "credit"];

/** A company of Business Central as a source of invoices and credit memos, and what can be posted in it. */
export function openBusinessCentral(
  settings: BusinessCentralSettings,
  secret: BusinessCentralSecret,
  io: Io,
): LedgerSource {
  const transport = createTransport(settings, secret, io);
  const company = WIRE.company(settings.companyId);
  const variants = createVariants(transport, company);
  const terms = createPaymentTerms(transport, company);
  const write = createBusinessCentralWriter(settings, transport, terms);
  const journals = createBusinessCentralJournals(settings, transport);

  async function readAll(
    kind: DocumentKind,
    entities: readonly unknown[],
  ): Promise<readonly Reading<BookDocument>[]> {
    const payments = new Map<string, string>();
    for (const id of new Set(entities.flatMap(paymentTermsOf))) {
      const code = await terms.codeOf(id);
      if (code !== null) payments.set(id, code);
    }
    const surroundings: Surroundings = {
      payments,
      variants: await variants.codesOf(entities.flatMap((entity) => variantIdsOf(kind, entity))),
      localCurrency: settings.localCurrency ?? null,
    };
    return entities.map((entity) => readDocument(kind, entity, surroundings));
  }

  async function* listed(
    kind: DocumentKind,
    query: Query,
    pageSize?: number,
    after: string | null = null,
  ): AsyncGenerator<Page<BookDocument>> {
    const { name, lines } = WIRE.sets[kind];
    // Lines can't be listed across documents; they come with their header or not at all.
    const pages = transport.pages(
      `${company}/${name}`,
      { ...query, $expand: lines },
      pageSize,
      undefined,
      after,
    );
    for await (const { entities, answer, last, next } of pages)
      yield { readings: await readAll(kind, entities), sourceTime: answer.sourceTime, last, next };
  }

  /** One list after the other, from a place in them on. */
  async function* inBothLists(
    query: Query,
    pageSize: number | undefined,
    from: string | null = null,
  ): AsyncGenerator<Page<BookDocument>> {
    const begin = placeOf(from);
    for (const [index, kind] of KINDS.entries()) {
      if (index < begin.index) continue;
      const after = index === begin.index ? begin.after : null;
      for await (const page of listed(kind, query, pageSize, after)) {
        const following = KINDS[index + 1];
        const next = page.next ? `${kind} ${page.next}` : following ? `${following} ` : null;
        yield { ...page, last: page.last && following === undefined, next };
      }
    }
  }

  return {
    side: "erp",
    test: () => seeBusinessCentral(settings, transport),
    capabilities: {
      lineTax: "reported",
      incrementalDocuments: true,
      documentsListedByChange: false,
      deletionsVisible: false,
      taxRates: false,
      stock: "what is on hand, per item over all its locations and variants",
      secondCount: "by posting date, ids only, with the total that the API states",
      write: write.lacks("post-document") === null,
    },
    documents: ({ modifiedSince, pageSize, after }: Since) =>
      inBothLists(
        modifiedSince ? { $filter: `lastModifiedDateTime gt ${modifiedSince.toISOString()}` } : {},
        pageSize,
        after,
      ),
    documentsWithin: ({ from, to }, after) =>
      inBothLists({ $filter: `postingDate ge ${from} and postingDate le ${to}` }, undefined, after),
    async documentsOf(reference) {
      const readings: Reading<BookDocument>[] = [];
      // A quote is doubled in an OData text.
      const query = { $filter: `externalDocumentNumber eq '${reference.replaceAll("'", "''")}'` };
      for (const kind of KINDS) for await (const page of listed(kind, query)) readings.push(...page.readings);
      return readings;
    },
    async document(kind, sourceId) {
      // Ids come from Business Central itself; what is none of its GUIDs can't be there.
      if (!/^[0-9a-f-]{36}$/i.test(sourceId)) return null;
      const { name, lines } = WIRE.sets[kind];
      const entity = await transport.one(`${company}/${name}(${sourceId})?$expand=${lines}`);
      if (entity === null) return null;
      const [reading] = await readAll(kind, [entity]);
      return reading ?? null;
    },
    taxCodes: () => taxCodesOf(transport, company),
    stock: stockOf(transport, company),
    write,
    ...(journals.lacks === null && { journals }),
    count: (days) => countDocuments(transport, company, days),
  };
}

/** A place in both lists as one text: the kind, and the address of its next page or nothing for its first. */
function placeOf(text: string | null): Readonly<{ index: number; after: string | null }> {
  const [, kind = "", address = ""] = /^(\S+) (.*)$/s.exec(text ?? "") ?? [];
  const index = KINDS.map(String).indexOf(kind);
  return index < 0 ? { index: 0, after: null } : { index, after: address === "" ? null : address };
}

/** The tax groups; none where the credentials may not read them or there is no such set. They carry no rates. */
async function taxCodesOf(transport: Transport, company: string): Promise<readonly TaxCode[]> {
  const codes: TaxCode[] = [];
  try {
    for await (const page of transport.pages(`${company}/taxGroups`, {}))
      for (const entity of page.entities) {
        const parsed = taxGroupWire.safeParse(entity);
        if (!parsed.success) continue;
        const { code, displayName, taxType } = parsed.data;
        codes.push({ code, name: displayName ?? code, type: taxType });
      }
  } catch (error) {
    if (![403, 404].includes(faultOf(error)?.status ?? 0)) throw error;
  }
  return codes;
}
