import type { Cause } from "@/lib/causes/contract";
import { addDays, type Day, dayIn, dayName } from "@/lib/domain/day";
import { absolute, formatAmount, type Minor } from "@/lib/domain/money";
import { isCreditNote } from "@/lib/domain/order";
import { lowerFirst, upperFirst } from "@/lib/domain/words";
import type { OrderContent, OrderInvoices } from "./schema";
import { leftWords, type Settlement } from "./settlement";
import { type Booked, goodsOf } from "./truth";

/** An open exception as far as it is told to people who don't read ledgers. */
export type Trouble = Readonly<{
  title: string;
  /** what its cause means to people who don't read ledgers; left out: it goes by its title, and is of the books alone */
  plain?: Cause["plain"] | undefined;
  ownerTeam: string;
  assignee: string | null;
  due: Day | null;
  /** what is to be done, as its cause says */
  resolution: string;
}>;

export type StoryInput = Readonly<{
  /** the number that the customer knows, see `customerNumber` */
  number: string;
  timeZone: string;
  currency: string;
  placedAt: Date | null;
  billingStatus: string | null;
  content: OrderContent;
  invoices: OrderInvoices;
  booked: readonly Booked[];
  /** what the money was for, and what is left of it */
  settlement: Settlement;
  troubles: readonly Trouble[];
  today: Day;
}>;

export type Story = Readonly<{
  /** what the customer paid and got back, as the order says it */
  money: string;
  /** what is wrong, who has it and until when: a sentence each */
  troubles: readonly string[];
  /** what is to be done next, by whom; null: nothing */
  next: Readonly<{ what: string; who: string; due: Day | null }> | null;
  /** what may be said to the customer: nothing of ledgers, of other people, or that is not known for certain */
  tell: string;
}>;

/** Banks take up to so many days until a refund is seen on the account; commonly said, not measured here. */
const BANK_DAYS = "3–5 days";
const BANK_DAYS_MOST = 7;

/**
 * The number by which the customer knows an order: SCAYLE's public key, which it shows to customers; else its reference, and
 * where the ERP's number was written back in that one's place, SCAYLE's own id.
 */
export function customerNumber(
  order: Readonly<{ reference: string; publicKey: string | null; sourceId: string }>,
  erpNumbers: readonly string[],
): string {
  if (order.publicKey !== null) return order.publicKey;
  return erpNumbers.includes(order.reference) ? order.sourceId : order.reference;
}

/**
 * What is told of an order of which nothing could be read: that it is being looked at, by whom and until when. `troubles` are its
 * open exceptions.
 */
export function unreadStoryOf({
  name,
  troubles,
  today,
}: Readonly<{ name: string; troubles: readonly Trouble[]; today: Day }>): Omit<Story, "money"> {
  const [first] = troubles;
  const due = first?.due && first.due >= today ? first.due : null;
  return {
    troubles: troubles.map(troubleWords),
    next: nextStep(first),
    tell: `Your order ${name}: we are checking it and will come back to you${due ? ` by ${dueWords(due)}` : ""}.`,
  };
}

/** Tells an order to somebody who has the customer on the line. Amounts in the order's currency. */
export function storyOf(input: StoryInput): Story {
  const payment = paidOf(input);
  const refund = refundOf(input);
  const [first] = input.troubles;
  const isPaid = payment !== null && payment.customer === null;
  const left = isPaid && refund?.isDue !== true ? leftWords(input.settlement, input.currency) : null;
  return {
    money:
      [payment?.staff, refund?.staff, left].filter(Boolean).join(" ") || "Nothing is known of the payment.",
    troubles: input.troubles.map(troubleWords),
    next: nextStep(first),
    tell: tellOf(input, payment?.customer ?? null, refund),
  };
}

const nextStep = (first: Trouble | undefined): Story["next"] =>
  first ? { what: nextOf(first), who: first.assignee ?? upperFirst(first.ownerTeam), due: first.due } : null;

/** What is done next, without the words of those who do it. */
const nextOf = ({ plain, resolution }: Trouble): string =>
  plain?.next ?? (plain ? resolution : "Find out where the two systems differ, and correct it.");

const inWords = (minor: Minor, currency: string): string =>
  `${formatAmount(absolute(minor), currency)} ${currency}`;

/** What SCAYLE says of the payment: its billing status (reference: storefront-core, detailedStatus.billing). */
function paidOf({
  content,
  currency,
  billingStatus,
}: StoryInput): Readonly<{ staff: string; customer: string | null }> | null {
  const amounts = content.payments.flatMap((one) => (one.amount === null ? [] : [one]));
  const total = amounts.reduce((sum, one) => sum + (one.amount ?? 0n), 0n);
  if (total === 0n || billingStatus === null) return null;
  const cards = amounts.filter((one) => one.giftCard).reduce((sum, one) => sum + (one.amount ?? 0n), 0n);
  const amount = `${inWords(total, currency)}${cards > 0n ? ` (${inWords(cards, currency)} of it by gift card)` : ""}`;
  if (/billing_(completed|refunded|partially_refunded)/.test(billingStatus))
    return { staff: `${amount} were paid.`, customer: null };
  if (billingStatus.includes("cancelled"))
    return {
      staff: `The payment of ${amount} was cancelled: nothing is charged.`,
      customer: `The payment of ${amount} was cancelled; nothing is charged.`,
    };
  if (/pending|open/.test(billingStatus))
    return {
      staff: `${amount} are to be paid; SCAYLE has not taken them yet: nothing is charged so far.`,
      customer: `Nothing has been charged so far; the payment of ${amount} is still open.`,
    };
  return null;
}

type Refund = Readonly<{
  staff: string;
  customer: string;
  /** SCAYLE has no credit note for it yet */
  isDue: boolean;
  /** for the customer where what is done about it is said besides */
  bare: string;
}>;

/** A refund that SCAYLE has a credit note for, or one that is still to come. */
function refundOf(input: StoryInput): Refund | null {
  const { content, invoices, booked, currency, timeZone, today, troubles } = input;
  // An amount that is being checked is not told: it may be another.
  const isUnsure = troubles.some((one) => one.plain?.refundUnsure);
  const credited = sumOf(booked, "scayle");
  const inErp = sumOf(booked, "erp");
  const notes = (invoices ?? []).filter((one) => isCreditNote(one.type));
  const days = notes.flatMap((one) => (one.createdAt ? [dayIn(one.createdAt, timeZone)] : [])).sort();
  const day = days.at(-1);
  if (notes.length > 0 && day !== undefined && credited !== 0n) {
    const numbers = notes.flatMap((one) => (one.number ? [one.number] : [])).join(", ");
    const arrived = addDays(day, BANK_DAYS_MOST) < today;
    const bank = arrived
      ? `it should have reached the account by ${dayName(addDays(day, BANK_DAYS_MOST))}`
      : `the bank usually takes ${BANK_DAYS}`;
    const amount = inWords(credited, currency);
    const customer = `You were refunded${isUnsure ? "" : ` ${amount}`} on ${dayName(day)}; ${bank}.`;
    return {
      staff: `${amount} were refunded on ${dayName(day)}${numbers ? ` (credit note ${numbers})` : ""}; ${bank}.`,
      ...{ customer, bare: customer, isDue: false },
    };
  }
  const back = content.items.filter((item) => item.returnedAt !== null);
  const owed = credited !== 0n ? credited : inErp;
  if (owed === 0n) return null;
  const amount = inWords(owed, currency);
  const arrivedOn = back
    .flatMap((item) => (item.returnedAt ? [dayIn(item.returnedAt, timeZone)] : []))
    .sort()
    .at(-1);
  const refund = isUnsure ? "Your refund" : `Your refund of ${amount}`;
  return {
    staff: `A refund of ${amount} is due${credited === 0n ? ": the ERP has credited it" : ""}; SCAYLE has no credit note for it yet.`,
    customer: arrivedOn
      ? `Your return arrived on ${dayName(arrivedOn)}. ${refund} is being worked on.`
      : `${refund} is being worked on.`,
    bare: [
      arrivedOn && `Your return arrived on ${dayName(arrivedOn)}${isUnsure ? "." : ""}`,
      !isUnsure && (arrivedOn ? `; your refund is ${amount}.` : `Your refund is ${amount}.`),
    ]
      .filter(Boolean)
      .join(""),
    isDue: true,
  };
}

const sumOf = (booked: readonly Booked[], side: Booked["side"]): Minor =>
  booked
    .filter((one) => one.side === side && one.kind === "credit")
    .reduce((sum, one) => sum + one.gross, 0n);

function troubleWords({ plain, title, ownerTeam, assignee, due }: Trouble): string {
  const what = plain?.words ?? title;
  const who = `${ownerTeam} has it${assignee ? ` (${assignee})` : ""}`;
  return `${what}; ${who}${due ? `, due ${dueWords(due)}` : ""}.`;
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const dueWords = (day: Day): string =>
  `${WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? ""} ${dayName(day)}`;

function tellOf(input: StoryInput, payment: string | null, refund: Refund | null): string {
  const { number, placedAt, timeZone, content, troubles } = input;
  const noticed = troubles.flatMap((one) => {
    const words = one.plain?.customer;
    return words === undefined ? [] : [{ words, due: one.due }];
  });
  const dues = noticed.flatMap((one) => (one.due && one.due >= input.today ? [one.due] : [])).sort();
  const until = dues.at(-1);
  const promised = [...new Set(noticed.map((one) => one.words))].map((words) => `${words}.`);
  // What is done about the refund is said once.
  const isPromised = promised.some((words) => words.includes("refund"));
  return [
    `Your order ${number}${placedAt ? ` of ${dayName(dayIn(placedAt, timeZone))}` : ""}: ${lowerFirst(goodsOf(content, timeZone, "your"))}`,
    payment,
    isPromised ? refund?.bare : refund?.customer,
    ...promised,
    until && `This should be settled by ${dueWords(until)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}
