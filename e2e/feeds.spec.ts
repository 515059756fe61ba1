import { expect } from "@playwright/test";
import { open } from "./support/look";
import { test } from "./support/test";

const FEED = "MODA-UK/business-central/documents";
const address = `/feeds/feed?id=${encodeURIComponent(FEED)}`;

test("operations has past days of a feed read again, and sees the run come to its end", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await open(page, address);
  await expect(page.getByText("every 15 min").or(page.getByText("15 min")).first()).toBeVisible();
  await page.getByLabel("From").fill("2025-01-01");
  await page.getByLabel("To, included").fill("2024-12-31");
  await page.getByRole("button", { name: "Read these days again" }).click();
  await expect(page.getByText("The days end before they begin.").first()).toBeVisible();
  await page.getByLabel("From").fill("2024-01-01");
  await page.getByRole("button", { name: "Read these days again" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Back-fill of ${FEED}`);
  await expect(page.getByRole("definition").filter({ hasText: /^Done/ })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("link", { name: "Its feed" }).click();
  await expect(page.getByRole("table", { name: "Runs, newest first" }).getByRole("row").nth(1)).toContainText(
    /^Back-fill.*Omar Operations$/s,
  );
});

test("an administrator sets how often a feed is read; what can't be is said at the field", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, address);
  await page.getByLabel("Interval (min)").fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("At least 1 minute.").first()).toBeVisible();
  await page.getByLabel("Interval (min)").fill("30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("definition").filter({ hasText: /^30 min$/ })).toBeVisible();
  await page.getByLabel("Interval (min)").fill("15");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("definition").filter({ hasText: /^15 min$/ })).toBeVisible();
});

test("operations retries failed records, many at once; an auditor sees them and can do nothing", async ({
  pageOf,
}) => {
  const operations = await pageOf("operations");
  await open(operations, "/feeds/failed?entity=MODA-EU&class=value");
  const list = operations.getByRole("list", { name: "Failed records" });
  const count = await list.getByRole("listitem").count();
  expect(count).toBeGreaterThan(0);
  await operations.getByLabel(/^All \d+ shown$/).check();
  await operations.getByRole("button", { name: /^Retry \d+ records?$/ }).click();
  // The sandbox still sends them as they were: they are tried, and stay.
  await expect(list.getByText(/Tried again once\./).first()).toBeVisible({ timeout: 30_000 });
  expect(await list.getByRole("listitem").count()).toBe(count);

  const auditor = await pageOf("auditor");
  await open(auditor, "/feeds/failed?entity=MODA-EU");
  await expect(auditor.getByRole("list", { name: "Failed records" })).toBeVisible();
  await expect(auditor.getByRole("button", { name: /Retry|Give up/ })).toHaveCount(0);
  await expect(auditor.getByRole("checkbox")).toHaveCount(0);
});
