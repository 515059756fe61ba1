import { describe, expect, it } from "vitest";
import type { StoreWrite } from "../write";
import { lookAtStock, sendStock, stockRequest } from "./write-stock";

const write: Extract<StoreWrite, { kind: "stock" }> = {
  kind: "stock",
  itemKey: "TEE",
  warehouse: "central",
  merchant: "moda",
  quantity: "26",
  changedAt: "2026-11-25T09:00:00.000Z",
  withoutStock: false,
};
const level = (quantity: number, changedAt: string | null) => ({
  quantity,
  warehouseReferenceKey: "central",
  merchantReferenceKey: "moda",
  ...(changedAt && { changedAt }),
  sellableWithoutStock: false,
});
const STAMP = "2026-11-25T09:00:00+00:00";
const answer = (body: unknown) => async () => ({
  body,
  address: "http://scayle",
  sourceTime: null,
  status: 201,
});
const told = (body: unknown) => sendStock(answer(body) as never, write, "k");
const seen = (...levels: readonly unknown[]) => lookAtStock(answer({ entities: levels }) as never, write);

describe("a level that SCAYLE is told", () => {
  it("goes out with the snapshot's time, whole and absolute", () => {
    expect(stockRequest(write)).toMatchObject({
      method: "POST",
      path: "/variants/key%3DTEE/stocks",
      body: {
        quantity: 26,
        warehouseReferenceKey: "central",
        merchantReferenceKey: "moda",
        changedAt: STAMP,
        sellableWithoutStock: false,
      },
    });
    expect(() => stockRequest({ ...write, quantity: "-1" })).toThrow(/none below zero/);
    expect(() => stockRequest({ ...write, quantity: "1.5" })).toThrow(/whole pieces/);
  });

  it("is there where the answer has its stamp, and no more than was told", async () => {
    expect(await told(level(26, STAMP))).toMatchObject({ state: "done" });
    // An order came after the snapshot: its piece stays taken.
    expect(await told(level(25, STAMP))).toMatchObject({ state: "done" });
    expect(await told(level(26, null))).toMatchObject({ state: "done" });
  });

  it("was ignored where the answer has a newer stamp, and it says what to do", async () => {
    await expect(told(level(31, "2026-11-25T09:30:00+00:00"))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(
        /ignored it: it was told 26 as of .*, and keeps 31 pieces, stamped .*read the ERP's stock again/,
      ),
    });
    // The same quantity by a newer update is not ours.
    await expect(told(level(26, "2026-11-25T09:30:00+00:00"))).rejects.toMatchObject({ code: "conflict" });
  });

  it("is not taken for done where the answer says something else", async () => {
    await expect(told(level(27, STAMP))).rejects.toThrow(/something else than it was told/);
    await expect(told(level(25, null))).rejects.toThrow(/something else than it was told/);
    await expect(told({ quantity: "many" })).rejects.toThrow(/can't be read/);
  });

  it("is looked for in its own warehouse", async () => {
    expect(await seen(level(26, STAMP))).toMatchObject({ state: "done" });
    expect(await seen({ ...level(26, STAMP), warehouseReferenceKey: "store" })).toEqual({ state: "none" });
    expect(await seen(level(26, "2026-11-25T08:00:00+00:00"))).toEqual({ state: "none" });
  });
});
