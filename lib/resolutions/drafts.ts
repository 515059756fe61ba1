import { Decimal } from "decimal.js";
import { isSameRate } from "@/lib/causes/numbers";
import type { DraftDocument, DraftLine } from "@/lib/connectors/write";
import { type Day, monthOf } from "@/lib/domain/day";
import type { BookLine, DocumentKind } from "@/lib/domain/document";
import { type Group, type GroupDocument, type GroupLine, isForChannel, isInForce } from "@/lib/domain/group";
import { absolute, type KnownAmounts, plus, ZERO } from "@/lib/domain/money";
import { onlyPaymentOf } from "@/lib/domain/order";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { lineTax, type RoundingPolicy, totalTax } from "@/lib/domain/tax/policy";
import { rateOf } from "@/lib/domain/tax/rate";
import type { Cannot, Figures, ResolutionContext } from "./contract";

/** A line before its tax is what the ERP will make of it; amounts positive. */
export type Rough = Readonly<{
  kind: DraftLine["kind"];
  number: string;
  description: string;
  quantity: Decimal;
  amounts: KnownAmounts;
  taxCode: string;
  rate: Decimal | null;
}>;

export type Drafted = Readonly<{ document: DraftDocument; figures: Figures }>;

/** A stop in planning: the sentence why, and what to do in its place. */
export class CannotPlan extends Error {
  readonly heading: string | undefined;

  constructor(message: string, heading?: string) {
    super(message);
    this.heading = heading;
  }
}

/** Runs a plan that may stop, and answers why. */
export function planned<Result>(make: () => Result): Result | Cannot {
  try {
    return make();
  } catch (error) {
    if (error instanceof CannotPlan) return { cannot: error.message, heading: error.heading };
    throw error;
  }
}

/** The day on which it is posted: the asked one while its month is open, else today. */
export const openDay = (day: Day, { closedMonths, today }: ResolutionContext): Day =>
  closedMonths.has(monthOf(day)) ? today : day;

/** The ERP connection that a document is posted through. Throws CannotPlan. */
export function erpOf({ erp }: ResolutionContext): string {
  if (erp === null)
    throw new CannotPlan(
      "This entity has no ERP connection, or several: it is not clear to which this is posted.",
    );
  return erp;
}

/**
 * A document as it is to be posted, with the tax that the ERP's own rounding makes of its lines, where a person confirmed
 * how it rounds: that is what the draft has to come to before it is posted. Throws CannotPlan.
 */
export function draftOf(
  context: ResolutionContext,
  given: Readonly<{
    kind: DocumentKind;
    connectionId: string;
    day: Day;
    lines: readonly Rough[];
    corrects: DraftDocument["corrects"];
    like?: GroupDocument;
  }>,
): Drafted {
  const { group } = context;
  const reference = group.order?.reference ?? given.like?.reference;
  const currency = given.like?.currency ?? group.order?.currency;
  if (!reference || !currency) throw new CannotPlan("No order is known that it could be posted for.");
  const policy = policyOf(context, given.connectionId, given.like);
  const taxed = policy === null ? null : asTaxed(given.lines, policy);
  const lines = (taxed ?? given.lines).map(lineOf);
  const total = sumOf(lines);
  const postingDay = openDay(given.day, context);
  const payment = paymentFor(context, given.connectionId, postingDay);
  return {
    document: {
      kind: given.kind,
      reference,
      currency,
      postingDay,
      shipTo: group.order?.shipTo ?? null,
      ...(payment !== null && { payment }),
      corrects: given.corrects,
      lines,
    },
    figures: taxed ? total : unforeseen(total, given.like),
  };
}

/**
 * The ERP's code for the one way in which the order was paid, on a day: the row of its shop goes before that of any. Null where
 * it was paid in several ways, or where none is mapped.
 */
function paymentFor({ group, payments }: ResolutionContext, connectionId: string, day: Day): string | null {
  const key = group.order === null ? null : onlyPaymentOf(group.order);
  if (key === null) return null;
  const holding = payments.filter(
    (one) =>
      one.connectionId === connectionId &&
      one.key === key &&
      (one.shop === "*" || one.shop === group.shopId) &&
      (one.from ?? day) <= day &&
      day <= (one.until ?? day),
  );
  return (holding.find((one) => one.shop !== "*") ?? holding[0])?.code ?? null;
}

/** Where nobody knows how the ERP rounds, only what its prices state is foreseen. */
const unforeseen = (total: KnownAmounts, like: GroupDocument | undefined): Figures =>
  like?.pricesIncludeTax === false
    ? { net: total.net, tax: null, gross: null }
    : { net: null, tax: null, gross: total.gross };

export const sumOf = (lines: readonly KnownAmounts[]): KnownAmounts =>
  lines.reduce<KnownAmounts>((all, { net, tax, gross }) => plus(all, { net, tax, gross }), ZERO);

const lineOf = ({ quantity, amounts, rate, ...rest }: Rough): DraftLine => ({
  ...rest,
  quantity: quantity.toFixed(),
  ...amounts,
  taxRate: rate === null ? null : rate.toFixed(),
});

function policyOf(
  { group }: ResolutionContext,
  connectionId: string,
  like: GroupDocument | undefined,
): RoundingPolicy | null {
  const known = group.settings.rounding.get(connectionId);
  if (!known?.confirmed) return null;
  if (like?.pricesIncludeTax == null) return known.policy;
  return { ...known.policy, basis: like.pricesIncludeTax ? "gross" : "net" };
}

/** The lines with the tax that a policy makes of all of them; null where a rate is not known. */
function asTaxed(lines: readonly Rough[], policy: RoundingPolicy): readonly Rough[] | null {
  const rated = lines.flatMap((line) => (line.rate === null ? [] : [{ ...line, rate: line.rate }]));
  if (rated.length < lines.length) return null;
  const parts = rated.map(({ amounts, rate, quantity }) => ({
    base: policy.basis === "gross" ? amounts.gross : amounts.net,
    rate,
    units: quantity.isInteger() ? quantity.toNumber() : 1,
  }));
  const taxes = parts.map(({ base, rate, units }) => lineTax(base, rateOf(rate), units, policy));
  if (policy.level === "document" || policy.level === "order") {
    for (const shared of sharedBy(parts, policy)) {
      const weights = shared.map((index) => absolute(parts[index]?.base ?? 0n));
      if (weights.every((weight) => weight === 0n)) continue;
      const sum = totalTax(
        shared.flatMap((index) => parts[index] ?? []),
        policy,
      );
      const given = allocateByWeight(sum, weights, "largest-fraction");
      shared.forEach((index, place) => {
        taxes[index] = given[place] ?? 0n;
      });
    }
  }
  return rated.map((line, index) => {
    const tax = taxes[index] ?? 0n;
    const { net, gross } = line.amounts;
    return {
      ...line,
      amounts: policy.basis === "gross" ? { net: gross - tax, tax, gross } : { net, tax, gross: net + tax },
    };
  });
}

/** Which lines are taxed together: those of one rate, or all. */
function sharedBy(
  parts: readonly Readonly<{ rate: Decimal }>[],
  { level }: RoundingPolicy,
): readonly (readonly number[])[] {
  const all = parts.map((_, index) => index);
  if (level === "order") return [all];
  const sets: number[][] = [];
  for (const index of all) {
    const rate = parts[index]?.rate;
    const set = sets.find(([first = 0]) => rate && parts[first] && isSameRate(parts[first].rate, rate));
    if (set) set.push(index);
    else sets.push([index]);
  }
  return sets;
}

/** Lines of SCAYLE's as the ERP is to have them: units of one product, price and rate as one line. Throws CannotPlan. */
export function roughOfScayle(context: ResolutionContext, lines: readonly GroupLine[]): readonly Rough[] {
  const rows = new Map<string, GroupLine[]>();
  for (const line of lines) {
    const key = [line.kind, line.itemKey, line.gross, line.taxRate, line.kind === "item" ? "" : line.id].join(
      " ",
    );
    rows.set(key, [...(rows.get(key) ?? []), line]);
  }
  return [...rows.values()].map((units) => {
    const [first] = units;
    if (!first) throw new CannotPlan("A line is empty.");
    if (first.kind === "header")
      throw new CannotPlan(
        "SCAYLE’s order total has an amount beyond its items and fees: put that right first, the ERP has no line for it.",
      );
    const amounts = sumOf(units.map(positive));
    return {
      ...numberFor(context, first),
      description: first.description ?? first.sku ?? first.kind,
      quantity: units.reduce((sum, line) => sum.plus(line.quantity.abs()), new Decimal(0)),
      amounts,
      rate: first.taxRate,
      taxCode: taxCodeFor(context.group, first),
    };
  });
}

/** A line's amounts without sign, all known. Throws CannotPlan. */
export function positive(line: GroupLine): KnownAmounts {
  if (line.net === null || line.tax === null)
    throw new CannotPlan("A line states no net or no tax, so nothing can be posted from it.");
  const sign = line.documentKind === "credit" ? -1n : 1n;
  if (sign * line.gross < 0n)
    throw new CannotPlan("A line goes the other way than its document (a return fee, say): post it by hand.");
  return { net: sign * line.net, tax: sign * line.tax, gross: sign * line.gross };
}

/** What the ERP calls it: the one item that is mapped to the SKU, else the SKU; the one account of its kind of charge. */
function numberFor(
  { items, accounts }: ResolutionContext,
  line: GroupLine,
): Readonly<{ kind: DraftLine["kind"]; number: string }> {
  if (line.kind === "item") {
    const [mapped, ...others] = items.get(line.itemKey) ?? [];
    if (others.length > 0)
      throw new CannotPlan(
        `Several ERP items are mapped to ${line.itemKey}: it is not clear which one to post.`,
      );
    if (mapped && mapped.variant !== "")
      throw new CannotPlan(
        `${line.itemKey} is a variant of item ${mapped.item} in the ERP: variants can’t be posted from here.`,
      );
    return { kind: "item", number: mapped?.item ?? line.itemKey };
  }
  const kind = line.kind === "shipping" ? "shipping" : "fee";
  const [account, ...others] = accounts.get(kind) ?? [];
  if (others.length > 0)
    throw new CannotPlan(`Several accounts are mapped to ${kind}: it is not clear which one to post to.`);
  // Without one the connection's own settings say it, or the ERP's answer that it is missing.
  return { kind, number: account ?? "" };
}

/** The first code that the confirmed mapping has for a line where its goods go. Throws CannotPlan. */
function taxCodeFor({ order, settings }: Group, line: GroupLine): string {
  const rules = settings.taxRules.filter(
    (rule) => rule.shipTo === order?.shipTo && isForChannel(rule, order) && isInForce(rule, line.day),
  );
  const { taxRate } = line;
  const fitting = rules.find((rule) => taxRate !== null && isSameRate(rule.rate, taxRate));
  const code = (fitting ?? (line.kind === "item" ? undefined : rules[0]))?.taxCode;
  if (code !== undefined) return code;
  const rate = taxRate === null ? "an unknown rate" : `${taxRate.times(100)} %`;
  throw new CannotPlan(
    `The tax mapping has no code for ship-to ${order?.shipTo ?? "unknown"}, channel ${order?.channelType ?? "unknown"}, ${rate}: map it first.`,
  );
}

/** Lines of an ERP document, as they are or as they should be, with the numbers that the ERP itself has for them. Throws CannotPlan. */
export function roughOfErp(
  context: ResolutionContext,
  document: GroupDocument,
  lines: readonly GroupLine[],
): readonly Rough[] {
  const raw = new Map(
    (context.posted.get(document.id)?.lines ?? []).map((line) => [line.sourceLineId, line]),
  );
  return lines.map((line) => {
    const own = raw.get(line.sourceLineId);
    if (!own || line.granularity === "document")
      throw new CannotPlan(`${document.number} has no lines by item, so it can’t be posted again from here.`);
    return {
      ...ownNumber(context, line, own),
      description: descriptionOf(context, line) ?? own.description ?? line.kind,
      quantity: line.quantity.abs(),
      amounts: positive(line),
      rate: line.taxRate,
      taxCode: line.taxCode ?? "",
    };
  });
}

/** What a line is called: where it stands under another item than it did, as SCAYLE calls that one. */
function descriptionOf({ group }: ResolutionContext, line: GroupLine): string | null {
  const before = group.lines.find((one) => one.id === line.id);
  if (before === undefined || before.itemKey === line.itemKey) return line.description;
  return (
    group.lines.find((one) => one.side === "scayle" && one.itemKey === line.itemKey)?.description ??
    line.description
  );
}

function ownNumber(
  context: ResolutionContext,
  line: GroupLine,
  own: BookLine,
): Readonly<{ kind: DraftLine["kind"]; number: string }> {
  if (own.sku === null) {
    const kind = line.kind === "shipping" || line.kind === "rounding" ? line.kind : "fee";
    return { kind, number: own.account ?? "" };
  }
  if ((own.variant ?? "") !== "")
    throw new CannotPlan(`${own.sku} ${own.variant} is a variant: variants can’t be posted from here.`);
  // What is of another item than it says is posted as what it is.
  const posted = context.group.lines.find(({ id }) => id === line.id);
  return posted?.itemKey === line.itemKey ? { kind: "item", number: own.sku } : numberFor(context, line);
}
