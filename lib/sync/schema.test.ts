import { expect, it } from "vitest";
import { FeedSettings } from "./schema";

it("takes no promise that its interval can't keep", () => {
  const set = (intervalMinutes: number, promiseMinutes: number) =>
    FeedSettings.safeParse({
      ...{ entityId: "E1", feedId: "E1/orders", overlapMinutes: 10, reason: "The ERP is slow." },
      ...{ intervalMinutes, promiseMinutes },
    });
  expect(set(240, 1).error?.issues).toMatchObject([
    { path: ["promiseMinutes"], message: expect.stringMatching(/^It can’t promise to be less behind/) },
  ]);
  expect(set(15, 15).success).toBe(true);
});
