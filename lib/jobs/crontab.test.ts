import { parseCrontab } from "graphile-worker";
import { expect, it } from "vitest";
import { CRONTAB } from "./start";
import { type TaskName, taskPayloads } from "./tasks";

it("is a crontab that the queue can read, of tasks that there are with payloads that they take", () => {
  const items = parseCrontab(CRONTAB);
  expect(items.map((item) => item.identifier)).toEqual([
    "schedule-feeds",
    "watch-exceptions",
    "watch-alerts",
    "sweep-months",
    "recount-months",
    "verify-audit",
    "recount-newest",
  ]);
  for (const { options } of items) expect(options.jobKey).toEqual(expect.any(String));
  for (const { task, payload } of items) taskPayloads[task as TaskName].parse(payload ?? {});
});
