import { describe, expect, it } from "vitest";
import { httpRefusal } from "@/lib/connectors/fault";
import { classOfError, isPassing, nextTry, TRIES_MOST } from "./error-class";

const fault = (
  kind: "status" | "timeout" | "network" | "too-large" | "not-json" | "refused",
  status: number | null = null,
) => httpRefusal({ kind, status, address: "https://x", sourceKey: null, sourceMessage: null, attempts: 1 });
const thrown = (code: string) => Object.assign(new Error("no"), { code });

describe("the class of a failed record", () => {
  it.each([
    [fault("status", 401), "permission"],
    [fault("status", 403), "permission"],
    [fault("status", 404), "missing-reference"],
    [fault("status", 413), "too-large"],
    [fault("too-large"), "too-large"],
    [fault("status", 429), "rate-limit"],
    [fault("status", 503), "connection"],
    [fault("timeout"), "connection"],
    [fault("not-json"), "schema"],
    [fault("refused"), "value"],
    [fault("status", 400), "value"],
    [thrown("23505"), "duplicate"],
    [thrown("23503"), "missing-reference"],
    [thrown("22003"), "value"],
    [thrown("23514"), "value"],
    [thrown("54000"), "too-large"],
    [thrown("08006"), null],
    [new TypeError("a mistake of ours"), null],
  ] as const)("of what was thrown is its own: %s → %s", (error, expected) =>
    expect(classOfError(error)).toBe(expected),
  );

  it("says whether it passes by itself, and when it is tried again: ever later, and not for ever", () => {
    expect(["connection", "rate-limit"].every((one) => isPassing(one as "connection"))).toBe(true);
    expect(["value", "schema", "permission", "duplicate"].some((one) => isPassing(one as "value"))).toBe(
      false,
    );
    const at = new Date("2026-11-15T09:00:00Z");
    const waits = Array.from(
      { length: TRIES_MOST },
      (_, tries) => (nextTry(tries, at)?.getTime() ?? 0) - at.getTime(),
    );
    expect(waits.map((wait) => wait / 60_000)).toEqual([2, 4, 8, 16, 32, 64, 128, 240]);
    expect(nextTry(TRIES_MOST, at)).toBeNull();
  });
});
