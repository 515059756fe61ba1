import { Refusal } from "@/lib/domain/faults";
import { objectOf } from "@/lib/domain/json";
import type { Lookup } from "./draft";
import { type RawRecord, searchRead } from "./records";
import type { Rpc } from "./rpc";
import type { TrytonSettings } from "./settings";
import { invoiceIdOf } from "./translate";
import { WIRE } from "./wire";

type WriteSettings = NonNullable<TrytonSettings["write"]>;

const idIn = (record: RawRecord | undefined, field = "id"): number | null => {
  const value = record?.[field];
  return typeof value === "number" ? value : null;
};

const missing = (what: string): Refusal => new Refusal("invalid", `Tryton has no ${what}.`);

/**
 * Finds ids for what people call things. Only reads. Throws Refusal "invalid" naming what Tryton doesn't have.
 */
export function createLookups(rpc: Rpc, settings: WriteSettings): (lookup: Lookup) => Promise<unknown> {
  const first = async (model: string, domain: readonly unknown[], fields: readonly string[] = []) =>
    (await searchRead(rpc, model, domain, ["id", ...fields], 1)).records[0];
  const inCompany = async (...domain: readonly (readonly unknown[])[]) => [
    ["company", "=", await rpc.company()],
    ...domain,
  ];
  const partyOf = async (code: string): Promise<RawRecord> => {
    const party = await first(WIRE.models.party, [["code", "=", code]]);
    if (party) return party;
    throw missing(`party with the code ${code}`);
  };
  const accountOf = async (code: string): Promise<number | null> =>
    idIn(await first(WIRE.models.account, await inCompany(["code", "=", code])));
  const productOf = (code: string) => first(WIRE.models.product, [["code", "=", code]], ["default_uom"]);

  /** The revenue account that Tryton's own client would take for a product. */
  async function accountOfProduct(product: number): Promise<number | null> {
    const chosen = { id: -1, product, invoice_type: "out", company: await rpc.company() };
    const { result } = await rpc.call(WIRE.methods.productChosen, [chosen]);
    return idIn(objectOf(result), "account");
  }

  /** The account that Tryton's own client would take for a party: its own, else the company's default. */
  async function receivableOf(party: number | null): Promise<number | null> {
    const chosen = { id: -1, party, type: "out", company: await rpc.company() };
    const { result } = await rpc.call(WIRE.methods.partyChosen, [chosen]);
    return typeof result === "number" ? result : null;
  }

  async function accountFor(code: string): Promise<number> {
    const product = idIn(await productOf(code));
    const own = product === null ? await accountOf(code) : await accountOfProduct(product);
    if (own !== null) return own;
    const { revenueAccount } = settings;
    const fallback =
      product === null || revenueAccount === undefined ? null : await accountOf(revenueAccount);
    if (fallback !== null) return fallback;
    throw missing(
      product === null
        ? `product or account with the code ${code}`
        : `revenue account for ${code}: name one in the connection's settings (write.revenueAccount)`,
    );
  }

  async function optional(lookup: Lookup & { of: "product" | "unit" }): Promise<number | null> {
    const product = await productOf(lookup.code);
    if (!product && !lookup.optional) throw missing(`product with the code ${lookup.code}`);
    return idIn(product, lookup.of === "product" ? "id" : "default_uom");
  }

  /** The line of a document that a line of its correction is about: of the same product, else none. */
  async function originOf(lookup: Extract<Lookup, { of: "origin" }>): Promise<string | null> {
    const invoice = invoiceIdOf(lookup.invoice);
    if (invoice === null) return null;
    const domain = [
      ["invoice", "=", invoice],
      ["product.code", "=", lookup.code],
    ];
    const id = idIn(await first(WIRE.models.line, domain));
    return id === null ? null : `${WIRE.models.line},${id}`;
  }

  async function reversedLines(lookup: Extract<Lookup, { of: "reversed lines" }>): Promise<unknown> {
    const invoice = invoiceIdOf(lookup.invoice);
    const { records } = await searchRead(
      rpc,
      WIRE.models.line,
      [
        ["invoice", "=", invoice ?? -1],
        ["type", "=", "line"],
      ],
      WIRE.fields.reversed,
    );
    if (records.length === 0) throw missing(`lines of ${lookup.code}`);
    return records.map(({ id, quantity, taxes, ...line }) => ({
      ...line,
      type: "line",
      quantity: -Number(quantity),
      taxes: [["add", taxes]],
      origin: `${WIRE.models.line},${String(id)}`,
    }));
  }

  return async (lookup) => {
    switch (lookup.of) {
      case "company":
        return rpc.company();
      case "currency":
        return required(await first(WIRE.models.currency, [["code", "=", lookup.code]]), lookup);
      case "journal":
        return required(await first(WIRE.models.journal, [["type", "=", "revenue"]]), lookup);
      case "tax":
        return required(
          await first(WIRE.models.tax, await inCompany(["parent", "=", null], ["name", "=", lookup.code])),
          lookup,
        );
      case "party":
        return idIn(await partyOf(lookup.code));
      case "address": {
        const party = idIn(await partyOf(lookup.code));
        return required(await first(WIRE.models.address, [["party", "=", party]]), lookup);
      }
      case "receivable": {
        const account = await receivableOf(idIn(await partyOf(lookup.code)));
        if (account !== null) return account;
        throw missing(
          `receivable account for party ${lookup.code}: name one in the connection's settings (write.receivableAccount)`,
        );
      }
      case "product":
      case "unit":
        return optional({ ...lookup, of: lookup.of });
      case "account":
        return accountFor(lookup.code);
      case "origin":
        return originOf(lookup);
      case "reversed lines":
        return reversedLines(lookup);
    }
  };
}

function required(record: RawRecord | undefined, { of, code }: Lookup): number {
  const id = idIn(record);
  if (id !== null) return id;
  throw missing(`${of} ${code}`);
}
