import { describe, expect, it } from "vitest";
import { askedFor, askedForInList } from "./asked-for";

const of = (kind: string, scope: unknown) => ({ kind, scope, period: null });

describe("what a run was asked for", () => {
  it.each([
    ["backfill", { from: "2026-09-01", to: "2026-09-30" }, "the days from 2026-09-01 to 2026-09-30"],
    ["backfill", { from: "2026-09-01", to: "2026-09-01" }, "the day 2026-09-01"],
    [
      "backfill",
      { from: "2026-09-01", to: "2026-09-01", anew: true },
      "the day 2026-09-01; begun anew after it was broken off, and counted from zero",
    ],
    [
      "sweep",
      { from: "2026-09-01", to: "2026-10-31" },
      "every record of the open months, the days from 2026-09-01 to 2026-10-31",
    ],
    ["sync", { order: "named by webhooks", named: 1 }, "1 order that webhooks named"],
    ["sync", { order: "named by webhooks", named: 1200 }, "1,200 orders that webhooks named"],
    ["sync", { items: "named by webhooks", named: 2 }, "the stock of 2 items that webhooks named"],
    [
      "sync",
      { order: "20 that were chosen", resync: "r" },
      "a resync of several orders: 20 that were chosen",
    ],
    ["sync", { order: "100231" }, "a resync of the order 100231"],
    ["sync", { order: "100231", record: "7" }, "the failed record 100231, once more"],
    ["sync", { full: true }, "everything, from the beginning"],
    ["reconcile", { groups: 2 }, "2 orders"],
  ])("by a %s of %j is said in words, in lists too", (kind, scope, words) => {
    expect(askedFor(of(kind, scope))).toBe(words);
    if (kind === "backfill" || kind === "sync") expect(askedForInList(of(kind, scope))).toBe(words);
  });

  it("is not said in a list where a feed was read as it always is", () => {
    expect(askedFor(of("sync", { full: false }))).toBe("what changed since the last run");
    expect(askedForInList(of("sync", { full: false }))).toBeNull();
  });
});
