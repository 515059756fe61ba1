import { describe, expect, it } from "vitest";
import { paymentOf } from "./codes";
import { missingWords, stepWords } from "./step-words";
import { type Told, transitionOf, transitions } from "./transitions";

const whole: Told = { isPart: false, payment: "not-charged" };

describe("what is told of a step that is missing", () => {
  it("speaks of all or of a part, and gives back only what was charged", () => {
    const { plain } = transitionOf("tell-cancellation");
    expect(plain(whole)).toEqual({
      words: "By the ERP it will not be delivered; SCAYLE was not told, so the payment may still be reserved",
      customer: "Your order can’t be delivered; we are making sure that you don’t pay for it",
    });
    expect(plain({ isPart: true, payment: "charged" }).customer).toBe(
      "A part of your order can’t be delivered; we are making sure that you get back what you paid for it",
    );
    expect(plain({ isPart: false, payment: "given-back" })).toEqual({
      words: "By the ERP it will not be delivered; SCAYLE was not told",
      customer: "Your order can’t be delivered",
    });
  });

  it("promises a refund of a return only where something was charged", () => {
    const { plain } = transitionOf("tell-return");
    expect(plain({ ...whole, payment: "charged" }).customer).toContain("your refund is on its way");
    for (const payment of ["not-charged", "given-back", "unknown"] as const)
      expect(plain({ ...whole, payment }).customer).not.toContain("refund");
  });

  it("says of none that it is paid for where nothing says so", () => {
    for (const { plain } of transitions)
      for (const isPart of [true, false]) {
        const { words, customer = "" } = plain({ isPart, payment: "not-charged" });
        expect(`${words} ${customer}`).not.toMatch(/paid|get back|refund/);
      }
  });
});

it("what SCAYLE's billing says of the money", () => {
  expect(
    ["billing_completed", "billing_pending", "billing_payment_cancelled", "billing_bartered", null].map(
      paymentOf,
    ),
  ).toEqual(["charged", "not-charged", "given-back", "unknown", "unknown"]);
});

it("a step is read as words, and what is missing of how many items", () => {
  expect(stepWords("invoice")).toBe("all parcels shipped → invoiced in SCAYLE");
  expect(stepWords("cancelled-with-items-out")).toMatch(/^SCAYLE says that the order is cancelled/);
  expect(missingWords("ship-rest", 1)).toBe("The ERP has nothing of this item (1 item)");
  expect(missingWords("ship", 2)).toBe("The ERP has nothing of these items (2 items)");
  // The ERP has its own invoice of it: what is missing is SCAYLE's.
  expect(missingWords("invoice", 2)).toBe("SCAYLE has not invoiced it (2 items)");
});
