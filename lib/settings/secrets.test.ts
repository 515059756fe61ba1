import { describe, expect, it } from "vitest";
import { openSecret, sealSecret } from "./secrets";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

describe("a connection's secret", () => {
  it("is read back as it was", () => {
    expect(openSecret("one", sealSecret("one", { accessToken: "t" }))).toEqual({ accessToken: "t" });
  });

  it("is never the same text twice, nor readable", () => {
    const sealed = sealSecret("one", { accessToken: "a-very-visible-token" });
    expect(sealed.equals(sealSecret("one", { accessToken: "a-very-visible-token" }))).toBe(false);
    expect(sealed.toString("latin1")).not.toContain("a-very-visible-token");
  });

  it("does not open in another connection's row, nor after a change", () => {
    const sealed = sealSecret("one", { accessToken: "t" });
    expect(() => openSecret("two", sealed)).toThrow(/Connect again/);
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(() => openSecret("one", sealed)).toThrow(/Connect again/);
  });
});
