import { expect, it } from "vitest";
import { AXES, codesOf, stateWords } from "./codes";
import { erpStateOf, erpStates } from "./erp-states";
import { erpMoves, moves } from "./moves";

it("every transition is from one known state of its axis to another, and every state has one", () => {
  for (const axis of AXES) {
    const codes = codesOf(axis).map(({ code }) => code);
    const named = moves[axis].flatMap(({ from, to }) => [from, to]);
    expect([...new Set(named)].sort()).toEqual([...codes].sort());
    const pairs = moves[axis].map(({ from, to }) => `${from} ${to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const { from, to } of moves[axis]) expect(from).not.toBe(to);
  }
});

it("nothing leaves what is final", () => {
  const left = Object.values(moves).flatMap((all) => all.map(({ from }) => from));
  for (const final of ["order_invoiced", "order_cancelled", "billing_refunded"])
    expect(left).not.toContain(final);
  expect(erpMoves.map(({ from }) => from)).not.toContain("cancelled");
  expect(erpMoves.flatMap(({ from, to }) => [from, to])).not.toContain("corrective");
});

it("an ERP's own word for a state is known in either spelling, and a strange one is none", () => {
  expect(
    ["Canceled", "cancelled", "Open", "posted", "Corrective", "In Review", "Melted", null].map(erpStateOf),
  ).toEqual(["cancelled", "cancelled", "open", "open", "corrective", "draft", null, null]);
  const names = erpStates.flatMap((one) => one.names);
  expect(new Set(names).size).toBe(names.length);
});

it("a code is read as words", () => {
  expect(stateWords("order", "order_pended")).toBe("pended");
  expect(stateWords("billing", "billing_payment_pending")).toBe("payment pending");
  expect(stateWords("status", "order_open")).toBe("open");
  expect(stateWords("status", "invoice_completed")).toBe("invoice completed");
});
