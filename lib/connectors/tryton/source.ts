import type { BookDocument } from "@/lib/domain/document";
import type { Days, Io, LedgerSource, Page, Reading, TaxCode } from "../contract";
import { faultOf } from "../fault";
import { countDocuments, inDays } from "./count";
import { createTrytonJournals } from "./journal";
import { readDocuments } from "./read";
import { createGatherer, pagesById, searchRead } from "./records";
import { createRpc, type Rpc } from "./rpc";
import type { TrytonSecret, TrytonSettings } from "./settings";
import { seeTryton } from "./sight";
import { invoiceIdOf } from "./translate";
import { asTimestamp } from "./values";
import { taxWire, WIRE } from "./wire";
import { createTrytonWriter } from "./write";

type Domain = readonly unknown[];

/** A company of a Tryton as a source of customer invoices and credit notes, and what can be posted in it. */
export function openTryton(settings: TrytonSettings, secret: TrytonSecret, io: Io): LedgerSource {
  const rpc = createRpc(settings, secret, io);
  const gather = createGatherer(rpc);
  const write = createTrytonWriter(settings, rpc);
  const journals = createTrytonJournals(settings, rpc);
  const invoices = async (): Promise<Domain> => [
    ["type", "=", "out"],
    ["company", "=", await rpc.company()],
  ];

  async function* listed(
    domain: Domain,
    pageSize: number,
    after: string | null = null,
  ): AsyncGenerator<Page<BookDocument>> {
    const { models, fields } = WIRE;
    // What is no id was not kept by us: it begins anew.
    const from = after !== null && /^\d{1,15}$/.test(after) ? Number(after) : 0;
    for await (const page of pagesById(rpc, models.invoice, domain, fields.invoice, pageSize, from)) {
      const readings = (await gather(page.records)).flatMap(readDocuments);
      const next = page.next === null ? null : String(page.next);
      yield { readings, sourceTime: page.answer.sourceTime, last: page.last, next };
    }
  }

  async function all(domain: Domain): Promise<readonly Reading<BookDocument>[]> {
    const readings: Reading<BookDocument>[] = [];
    for await (const page of listed(domain, WIRE.pageSize)) readings.push(...page.readings);
    return readings;
  }

  return {
    side: "erp",
    test: () => seeTryton(rpc),
    capabilities: {
      lineTax:
        "allocated: Tryton keeps tax per document, and it is given out to the lines by largest remainder",
      incrementalDocuments: true,
      documentsListedByChange: false,
      deletionsVisible: "by listing the keys of some days",
      taxRates: true,
      stock: false,
      secondCount: "by date of the books, keys only, with the total that Tryton counts",
      write: write.lacks("post-document") === null,
    },
    async *documents({ modifiedSince, pageSize = settings.pageSize ?? WIRE.pageSize, after = null }) {
      const changed = modifiedSince ? [changedSince(modifiedSince)] : [];
      yield* listed([...(await invoices()), ...changed], pageSize, after);
    },
    async documentsOf(reference) {
      const own = await all([...(await invoices()), ["reference", "=", reference]]);
      const numbers = await originsOf(rpc, reference);
      const others = numbers.length === 0 ? [] : await all([...(await invoices()), ["id", "in", numbers]]);
      const known = new Set(own.map((one) => one.sourceId));
      return [...own, ...others.filter((one) => !known.has(one.sourceId))];
    },
    async *documentsWithin(days, after = null) {
      for await (const page of listed([...(await invoices()), inDays(days)], WIRE.pageSize, after))
        yield { ...page, readings: page.readings.filter((one) => isWithin(one, days)) };
    },
    async document(kind, sourceId) {
      const id = invoiceIdOf(sourceId);
      if (id === null) return null;
      const readings = await all([...(await invoices()), ["id", "=", id]]);
      const isAsked = ({ sourceId: own, result }: Reading<BookDocument>): boolean =>
        own === sourceId && (!result.ok || result.value.kind === kind);
      return readings.find(isAsked) ?? null;
    },
    taxCodes: () => taxCodesOf(rpc),
    write,
    ...(journals.lacks === null && { journals }),
    count: async (days) => countDocuments(rpc, await invoices(), days),
  };
}

/** Of an invoice that is two documents, one may lie outside of the days that the other is in. */
function isWithin({ result }: Reading<BookDocument>, { from, to }: Days): boolean {
  if (!result.ok || result.value.postingDay === null) return true;
  return result.value.postingDay >= from && result.value.postingDay <= to;
}

/** Written since, or created since and never written; a draft's line changes without its invoice. */
function changedSince(moment: Date): Domain {
  const since = asTimestamp(moment);
  return [
    "OR",
    ["write_date", ">=", since],
    [
      ["write_date", "=", null],
      ["create_date", ">=", since],
    ],
    ["lines.write_date", ">=", since],
    ["lines.create_date", ">=", since],
  ];
}

/** Ids of invoices made from sales of this reference, and of credit notes of those that carry it. */
async function originsOf(rpc: Rpc, reference: string): Promise<readonly number[]> {
  const company = await rpc.company();
  const invoiceIds = async (domain: Domain): Promise<readonly number[]> => {
    const { records } = await searchRead(rpc, WIRE.models.line, domain, ["invoice"]);
    return records.map((one) => one["invoice"]).filter((one) => typeof one === "number");
  };
  const sold = await orNoneWithoutSales(() =>
    invoiceIds([
      ["invoice.company", "=", company],
      ["origin.sale.reference", "=", reference, WIRE.models.saleLine],
    ]),
  );
  const credited = await invoiceIds([
    ["invoice.company", "=", company],
    ["origin.invoice.reference", "=", reference, WIRE.models.line],
  ]);
  return [...new Set([...sold, ...credited])];
}

/** A Tryton without its sale module knows no such lines. */
async function orNoneWithoutSales(ask: () => Promise<readonly number[]>): Promise<readonly number[]> {
  try {
    return await ask();
  } catch (error) {
    const fault = faultOf(error);
    if (fault?.kind !== "unexpected" || !fault.sourceMessage?.includes(WIRE.models.saleLine)) throw error;
    return [];
  }
}

/** The taxes that lines can carry: those with nothing above them. */
async function taxCodesOf(rpc: Rpc): Promise<readonly TaxCode[]> {
  const { records } = await searchRead(
    rpc,
    WIRE.models.tax,
    [
      ["company", "=", await rpc.company()],
      ["parent", "=", null],
    ],
    WIRE.fields.tax,
  );
  return records.flatMap((record) => {
    const parsed = taxWire.safeParse(record);
    if (!parsed.success) return [];
    const { name, "group.": group } = parsed.data;
    return [{ code: name, name, type: group?.kind ?? null }];
  });
}
