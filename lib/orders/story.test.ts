import { describe, expect, it } from "vitest";
import { causeOf } from "@/lib/causes/registry";
import type { OrderContent } from "./schema";
import { customerNumber, type StoryInput, storyOf, type Trouble, unreadStoryOf } from "./story";
import type { Booked } from "./truth";

const at = (day: string) => new Date(`${day}T10:00:00Z`);
const item = (changes: Partial<OrderContent["items"][number]> = {}) => ({
  ...{ id: "1", sku: "A", name: null, status: null, packageId: null, gross: 5990n },
  ...{ shippedAt: at("2026-11-05"), cancelledAt: null, returnedAt: null },
  ...changes,
});
const content = (changes: Partial<OrderContent> = {}): OrderContent => ({
  items: [item(), item({ id: "2", gross: 10_000n })],
  packages: [],
  fees: [],
  vouchers: [],
  payments: [{ key: "paypal", amount: 15_990n, giftCard: false }],
  confirmedAt: null,
  createdAt: null,
  invoicedAt: null,
  ...changes,
});
const credit = (side: Booked["side"], gross: bigint): Booked => ({
  ...{ side, kind: "credit", gross, currency: "EUR", documents: [] },
});
const trouble = (cause: string, changes: Partial<Trouble> = {}): Trouble => ({
  title: "A title",
  plain: causeOf(cause)?.plain,
  ownerTeam: "finance",
  assignee: null,
  due: "2026-11-19",
  resolution: "Send it again.",
  ...changes,
});
const NOTHING_LEFT = { paid: 0n, charged: [], refunds: [], refunded: 0n, left: [] };
const told = (changes: Partial<StoryInput> = {}) =>
  storyOf({
    number: "DE-1",
    timeZone: "Europe/Berlin",
    currency: "EUR",
    placedAt: at("2026-11-03"),
    billingStatus: "billing_completed",
    content: content(),
    invoices: [],
    booked: [],
    settlement: NOTHING_LEFT,
    troubles: [],
    today: "2026-11-14",
    ...changes,
  });
const note = { id: "7", type: "corrective_invoice", number: "ms-7", createdAt: at("2026-11-12") };

describe("an order as it is told", () => {
  it("says what was paid, and when nothing is wrong nothing else", () => {
    expect(told()).toEqual({
      money: "159.90 EUR were paid.",
      troubles: [],
      next: null,
      tell: "Your order DE-1 of 3 Nov 2026: both of your items were shipped on 5 Nov 2026.",
    });
    expect(told({ billingStatus: "billing_pending" }).money).toBe(
      "159.90 EUR are to be paid; SCAYLE has not taken them yet: nothing is charged so far.",
    );
    expect(told({ billingStatus: "billing_payment_cancelled" }).money).toContain("nothing is charged");
    // What nobody said is not said here.
    expect(told({ billingStatus: null }).money).toBe("Nothing is known of the payment.");
  });

  it("tells a refund with its day, and how long banks take", () => {
    const refunded = { invoices: [note], booked: [credit("scayle", -5990n), credit("erp", -5990n)] };
    expect(told(refunded).money).toBe(
      "159.90 EUR were paid. 59.90 EUR were refunded on 12 Nov 2026 (credit note ms-7); the bank usually takes 3–5 days.",
    );
    expect(told(refunded).tell).toContain(
      "You were refunded 59.90 EUR on 12 Nov 2026; the bank usually takes 3–5 days.",
    );
    expect(told({ ...refunded, today: "2026-12-01" }).tell).toContain(
      "should have reached the account by 19 Nov 2026",
    );
  });

  it("claims no refund that SCAYLE has no credit note for", () => {
    const failed = told({
      booked: [credit("erp", -5990n)],
      content: content({
        items: [item({ returnedAt: at("2026-11-11") }), item({ id: "2" })],
      }),
      troubles: [trouble("credit-note-failed", { assignee: "Ralf" })],
    });
    expect(failed.money).toContain(
      "A refund of 59.90 EUR is due: the ERP has credited it; SCAYLE has no credit note for it yet.",
    );
    expect(failed.troubles).toEqual([
      "The credit note is still missing in SCAYLE, so the refund may not have been started; finance has it (Ralf), due Thursday 19 Nov 2026.",
    ]);
    expect(failed.tell).toBe(
      "Your order DE-1 of 3 Nov 2026: both of your items were shipped on 5 Nov 2026. 1 of them came back on 11 Nov 2026. Your return arrived on 11 Nov 2026; your refund is 59.90 EUR. We are making sure that your refund is on its way. This should be settled by Thursday 19 Nov 2026.",
    );
    expect(failed.next).toEqual({
      what: "Send the refund to SCAYLE again, so that the customer gets it.",
      ...{ who: "Ralf", due: "2026-11-19" },
    });
  });

  it("tells no amount of a refund while it is being checked", () => {
    const doubted = { troubles: [trouble("refund-amount-wrong")], booked: [credit("scayle", -5990n)] };
    const refunded = told({ ...doubted, invoices: [note] });
    expect(refunded.tell).toContain(
      "You were refunded on 12 Nov 2026; the bank usually takes 3–5 days. We are checking the amount of your refund.",
    );
    expect(refunded.tell).not.toContain("59.90");
    expect(refunded.money).toContain("59.90 EUR were refunded");
    const returned = content({ items: [item({ returnedAt: at("2026-11-11") })] });
    const due = told({ ...doubted, content: returned });
    expect(due.tell).toContain("Your return arrived on 11 Nov 2026. We are checking the amount");
    expect(due.tell).not.toContain("59.90");
  });

  it("tells of an order that could not be read that it is looked at, by whom and until when", () => {
    const unread = { name: "DE-9", troubles: [trouble("record-failed", { ownerTeam: "operations" })] };
    expect(unreadStoryOf({ ...unread, today: "2026-11-14" })).toEqual({
      troubles: [
        "What SCAYLE sent of the order could not be read; operations has it, due Thursday 19 Nov 2026.",
      ],
      next: {
        what: "Correct what could not be read, then read the order again.",
        ...{ who: "Operations", due: "2026-11-19" },
      },
      tell: "Your order DE-9: we are checking it and will come back to you by Thursday 19 Nov 2026.",
    });
    expect(unreadStoryOf({ ...unread, today: "2026-11-20" }).tell).toBe(
      "Your order DE-9: we are checking it and will come back to you.",
    );
  });

  it("tells the customer that nothing is charged where nothing is", () => {
    expect(told({ billingStatus: "billing_payment_cancelled" }).tell).toContain(
      "The payment of 159.90 EUR was cancelled; nothing is charged.",
    );
    expect(told({ billingStatus: "billing_payment_pending" }).tell).toContain(
      "Nothing has been charged so far",
    );
  });

  it("shows how what was not given back comes about", () => {
    const settlement = {
      ...{ paid: 9575n, charged: [], refunds: [], refunded: 9375n },
      left: [{ label: "payment fee", amount: 200n }],
    };
    const refunded = { invoices: [note], booked: [credit("scayle", -9375n)], settlement };
    expect(told(refunded).money).toContain("95.75 − 93.75 = 2.00 EUR: payment fee.");
  });

  it("names an order as the customer knows it, whatever the ERP calls it", () => {
    const order = { reference: "PSI-101991", sourceId: "1911", publicKey: "P12" };
    expect(customerNumber(order, ["PSI-101991"])).toBe("P12");
    expect(customerNumber({ ...order, publicKey: null }, ["PSI-101991"])).toBe("1911");
    expect(customerNumber({ ...order, publicKey: null, reference: "DE-1" }, ["PSI-101991"])).toBe("DE-1");
  });

  it("tells the customer nothing of the books, and promises no day that has passed", () => {
    const books = told({ troubles: [trouble("tax-code-missing"), trouble("unexplained")] });
    expect(books.tell).toBe("Your order DE-1 of 3 Nov 2026: both of your items were shipped on 5 Nov 2026.");
    expect(books.troubles[1]).toBe("A title; finance has it, due Thursday 19 Nov 2026.");
    expect(told({ troubles: [trouble("price-wrong", { due: "2026-11-10" })] }).tell).not.toContain(
      "settled by",
    );
  });
});
