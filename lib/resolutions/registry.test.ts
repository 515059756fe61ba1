import { describe, expect, it } from "vitest";
import { causes } from "@/lib/causes/registry";
import { isStanding } from "@/lib/matching/standing-causes";
import { whyNone } from "./none";
import { resolutions, resolutionsFor } from "./registry";

const raising = causes.filter(({ raises }) => raises);

describe("the resolutions", () => {
  it.each(raising.map(({ code }) => code))(
    "offer something to be sent for %s, or say why there is nothing",
    (code) => {
      const written = resolutionsFor(code).filter(({ kind }) => kind === "written");
      expect(written.length > 0).toBe(whyNone(code) === null);
    },
  );

  it.each(raising.map(({ code }) => code))(
    "lead on from %s by something else than reading it again",
    (code) => {
      expect(resolutionsFor(code).filter((one) => one.code !== "resync").length > 0 || isStanding(code)).toBe(
        true,
      );
    },
  );

  it("offer to write off whatever may be accepted and is an amount", () => {
    const offered = raising.filter(({ code }) =>
      resolutionsFor(code).some((one) => one.code === "write-off"),
    );
    expect(offered.map(({ code }) => code)).toContain("price-wrong");
    for (const { acceptance, code } of offered) {
      expect(acceptance).not.toBe("never");
      expect(["cut-off", "rounding"]).not.toContain(code);
    }
  });

  it("name only causes that there are", () => {
    const known = new Set(causes.map(({ code }) => code));
    for (const { suits } of resolutions)
      for (const cause of suits) if (cause !== "*") expect([...known, "order-unreadable"]).toContain(cause);
  });

  it("of roundings and of what was accepted are offered where these are not open any more", () => {
    const also = Object.fromEntries(
      resolutions.flatMap((one) => (one.kind === "kept" ? [[one.code, one.also]] : [])),
    );
    expect(also["post-rounding-difference"]).toContain("explained");
    expect(also["write-off"]).toContain("accepted");
  });
});
