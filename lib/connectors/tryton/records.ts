import { unexpectedAnswer } from "../fault";
import type { HttpAnswer } from "../http";
import type { RawDocument } from "./read";
import type { Rpc } from "./rpc";
import { WIRE } from "./wire";

export type RawRecord = Readonly<Record<string, unknown>>;
type Domain = readonly unknown[];

/** Searches and reads the records of a model. `order` by id alone: an order of dates would move while it is read. */
export async function searchRead(
  rpc: Rpc,
  model: string,
  domain: Domain,
  fields: readonly string[],
  limit: number | null = null,
): Promise<Readonly<{ records: readonly RawRecord[]; answer: HttpAnswer }>> {
  const order = [["id", "ASC"]];
  const { result, answer } = await rpc.call(WIRE.methods.searchRead(model), [
    domain,
    0,
    limit,
    order,
    fields,
  ]);
  if (!Array.isArray(result))
    throw unexpectedAnswer(answer.address, `A search of ${model} should give a list.`);
  return { records: result.map(recordOf), answer };
}

const recordOf = (value: unknown): RawRecord =>
  typeof value === "object" && value !== null ? (value as RawRecord) : {};

/**
 * Every record that a domain finds, page by page, by ascending id: each page begins after the last id of the one before,
 * so that what is created or changed meanwhile can neither hide a record nor show one twice. `from`: the last id of the
 * page to go on after.
 */
export async function* pagesById(
  rpc: Rpc,
  model: string,
  domain: Domain,
  fields: readonly string[],
  pageSize: number,
  from = 0,
): AsyncGenerator<
  Readonly<{ records: readonly RawRecord[]; answer: HttpAnswer; last: boolean; next: number | null }>
> {
  let after = from;
  for (;;) {
    const { records, answer } = await searchRead(rpc, model, [domain, ["id", ">", after]], fields, pageSize);
    const last = records.length < pageSize;
    const next = Number(records.at(-1)?.["id"]);
    if (!last && !(next > after))
      throw unexpectedAnswer(answer.address, "Its pages don't go on by id, so they would never end.");
    yield { records, answer, last, next: last ? null : next };
    if (last) return;
    after = next;
  }
}

/** Gathers what belongs to invoices: their lines, stated taxes, tax codes, and what their lines came from. */
export function createGatherer(
  rpc: Rpc,
): (invoices: readonly RawRecord[]) => Promise<readonly RawDocument[]> {
  const codes = new Map<number, RawRecord>();

  /** Tax codes by id with all above them, asked once per code. */
  async function learnCodes(wanted: readonly number[]): Promise<void> {
    let unknown = [...new Set(wanted)].filter((id) => !codes.has(id));
    while (unknown.length > 0) {
      const { records } = await searchRead(
        rpc,
        WIRE.models.tax,
        // A code that is no longer in use still names what was posted with it.
        [
          ["id", "in", unknown],
          ["active", "in", [true, false]],
        ],
        WIRE.fields.tax,
      );
      for (const id of unknown) codes.set(id, { id });
      for (const record of records) codes.set(Number(record["id"]), record);
      unknown = records
        .map((record) => record["parent"])
        .filter(isId)
        .filter((id) => !codes.has(id));
    }
  }

  const familyOf = (ids: readonly number[]): readonly RawRecord[] => {
    const found = new Map<number, RawRecord>();
    const queue = [...ids];
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const code = codes.get(id);
      if (!code || found.has(id) || code["name"] === undefined) continue;
      found.set(id, code);
      if (isId(code["parent"])) queue.push(code["parent"]);
    }
    return [...found.values()].sort((a, b) => Number(a["id"]) - Number(b["id"]));
  };

  /** Records of other models that lines say they came from, by id. */
  async function originsOf(lines: readonly RawRecord[], model: string, fields: readonly string[]) {
    const ids = [...new Set(lines.map((line) => originId(line, model)).filter(isId))];
    if (ids.length === 0) return new Map<number, RawRecord>();
    const { records } = await searchRead(rpc, model, [["id", "in", ids]], fields);
    return new Map(records.map((record) => [Number(record["id"]), record]));
  }

  return async (invoices) => {
    const ids = invoices.map((one) => one["id"]).filter(isId);
    if (ids.length === 0) return [];
    const ofThese = [["invoice", "in", ids]];
    const [lines, taxes] = [
      (await searchRead(rpc, WIRE.models.line, ofThese, WIRE.fields.line)).records,
      (await searchRead(rpc, WIRE.models.invoiceTax, ofThese, WIRE.fields.invoiceTax)).records,
    ];
    await learnCodes([...lines.flatMap(taxIdsOf), ...taxes.map((tax) => tax["tax"]).filter(isId)]);
    const origins = await originsOf(lines, WIRE.models.line, WIRE.fields.origin);
    const sales = await originsOf(lines, WIRE.models.saleLine, WIRE.fields.saleLine);
    const pick = (map: ReadonlyMap<number, RawRecord>, own: readonly RawRecord[], model: string) => [
      ...new Set(own.flatMap((line) => map.get(originId(line, model) ?? -1) ?? [])),
    ];
    return invoices.map((invoice) => {
      const own = lines.filter((line) => line["invoice"] === invoice["id"]);
      const stated = taxes.filter((tax) => tax["invoice"] === invoice["id"]);
      return {
        invoice,
        lines: own,
        taxes: stated,
        taxCodes: familyOf([...own.flatMap(taxIdsOf), ...stated.map((tax) => tax["tax"]).filter(isId)]),
        origins: pick(origins, own, WIRE.models.line),
        sales: pick(sales, own, WIRE.models.saleLine),
      };
    });
  };
}

const isId = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value);
const taxIdsOf = (line: RawRecord): readonly number[] =>
  Array.isArray(line["taxes"]) ? line["taxes"].filter(isId) : [];

/** The id in "account.invoice.line,12" where it is of this model. */
function originId(line: RawRecord, model: string): number | null {
  const origin = line["origin"];
  if (typeof origin !== "string" || !origin.startsWith(`${model},`)) return null;
  const id = Number(origin.slice(model.length + 1));
  return isId(id) && id > 0 ? id : null;
}
