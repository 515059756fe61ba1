import type { Decimal } from "decimal.js";
import {
  type GroupLine,
  type GroupSettings,
  isForChannel,
  isInForce,
  type TaxRule,
} from "@/lib/domain/group";
import { isSameRate } from "./numbers";
import type { Work, WorkPair } from "./work";

/** The channel of a group's order as the tax mapping names it. */
export const channelOf = (work: Work): string => work.group.order?.channelType ?? "*";

/** "Ship-to DE, channel shop" */
export const placeInWords = (work: Work): string =>
  `Ship-to ${work.group.order?.shipTo ?? "unknown"}, channel ${channelOf(work)}`;

const places = new WeakMap<GroupSettings["taxRules"], Map<string, readonly TaxRule[]>>();

/** The confirmed rules for where a group's goods go and how they were sold, that are in force on the day of one of its lines. */
export function rulesFor(work: Work, { day }: Pick<GroupLine, "day">): readonly TaxRule[] {
  const rules = rulesOfPlace(work);
  return rules.every((rule) => isInForce(rule, day)) ? rules : rules.filter((rule) => isInForce(rule, day));
}

/** The confirmed rules for where a group's goods go and how they were sold, whenever they are in force. */
export function rulesOfPlace(work: Work): readonly TaxRule[] {
  const { taxRules } = work.group.settings;
  const shipTo = work.group.order?.shipTo ?? null;
  let known = places.get(taxRules);
  if (!known) {
    known = new Map();
    places.set(taxRules, known);
  }
  const key = `${shipTo} ${channelOf(work)} ${work.group.order?.channel ?? ""}`;
  const before = known.get(key);
  if (before) return before;
  const { order } = work.group;
  const rules = taxRules.filter((rule) => rule.shipTo === shipTo && isForChannel(rule, order));
  known.set(key, rules);
  return rules;
}

/** The rules of a rate, compared as SCAYLE rounds rates. */
export const rulesAt = (rules: readonly TaxRule[], rate: Decimal): readonly TaxRule[] =>
  rules.filter((rule) => isSameRate(rule.rate, rate));

/** Whether a line carries a code that says something. */
export const hasTaxCode = (work: Work, line: GroupLine): boolean =>
  line.taxCode !== null && line.taxCode !== "" && !work.group.settings.noneTaxCodes.has(line.taxCode);

/**
 * SCAYLE's rate of what an ERP line stands for; where it gives none, the one rate of the place that reproduces its net.
 * Where it gives no net either, the only rate of the place: enough to miss a code, never to call one wrong.
 */
export function expectedRate(
  pair: WorkPair | undefined,
  line: GroupLine,
  rules: readonly TaxRule[],
): Decimal | null {
  const scayle = counterparts(pair?.scayle ?? [], line);
  const [stated, ...others] = scayle.flatMap((one) => (one.taxRate === null ? [] : [one.taxRate]));
  // Charges at two rates that nothing tells apart: either may be the one that the ERP posted.
  if (stated) return others.every((other) => isSameRate(other, stated)) ? stated : null;
  const fitting = rules.find(
    (rule) => scayle.length > 0 && scayle.every((line) => reproduces(line, rule.rate)),
  );
  if (fitting) return fitting.rate;
  const [only] = rules;
  if (scayle.some((one) => one.net !== null)) return null;
  return only && rules.every((rule) => rule.rate.eq(only.rate)) ? only.rate : null;
}

/**
 * SCAYLE's lines that an ERP line stands for. Shipping and payment fees are one pair, of rates that may differ: a charge
 * stands for those of its own kind, or else of its own amount, where there are such.
 */
function counterparts(scayle: readonly GroupLine[], line: GroupLine): readonly GroupLine[] {
  if (scayle.length < 2 || line.kind === "item") return scayle;
  const alike = scayle.filter((one) => one.kind === line.kind);
  if (alike.length > 0) return alike;
  const ofAmount = scayle.filter((one) => one.gross === line.gross);
  return ofAmount.length > 0 ? ofAmount : scayle;
}

/** Whether a net is within less than a minor unit of what the rate leaves of the gross: either way of rounding. */
function reproduces(line: GroupLine, rate: Decimal): boolean {
  if (line.net === null) return false;
  const net = rate.plus(1).pow(-1).times(line.gross.toString());
  return net.minus(line.net.toString()).abs().lt(1);
}

/** The pair in which an ERP line stands. */
export const pairOfErpLine = (work: Work, line: GroupLine): WorkPair | undefined =>
  work.pairs.find((pair) => pair.erp.some((erp) => erp.id === line.id));
