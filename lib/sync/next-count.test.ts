import { parseCrontab } from "graphile-worker";
import { expect, it } from "vitest";
import { CRONTAB } from "@/lib/jobs/start";
import { COUNTED_AT, nextCount } from "./next-count";

it("knows when sources are counted next, as the crontab has it", () => {
  const counted = CRONTAB.split("\n")
    .filter((line) => line.includes("recount-months"))
    .flatMap((line) => {
      const [minute = "", hours = ""] = line.split(" ");
      return hours.split(",").map((hour) => `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`);
    });
  expect(parseCrontab(CRONTAB).length).toBeGreaterThan(0);
  expect([...COUNTED_AT]).toEqual(counted.sort());
  expect(nextCount(new Date("2026-11-10T03:00:00Z"))).toEqual(new Date("2026-11-10T03:30:00Z"));
  expect(nextCount(new Date("2026-11-10T22:00:00Z"))).toEqual(new Date("2026-11-11T03:30:00Z"));
});
