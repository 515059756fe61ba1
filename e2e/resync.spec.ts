import { expect } from "@playwright/test";
import { open } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

const list = `/exceptions?entity=MODA-EU&period=${lastMonth()}`;

test("operations has chosen exceptions' orders read again, sees it come to its end, and opens what came of one", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await open(page, list);
  const table = page.getByRole("table", { name: "Exceptions" });
  await expect(page.getByRole("button", { name: "Resync selected" })).toBeDisabled();
  for (const row of [1, 2]) await table.getByRole("row").nth(row).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Resync 2 selected" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Resync of [12] orders?$/);
  await expect(page.getByRole("definition").filter({ hasText: /^Done$/ })).toBeVisible({ timeout: 30_000 });
  const orders = page.getByRole("list", { name: "What came of each order" });
  // The sandbox still has them as they were.
  await expect(orders.getByText(/^(Unchanged|Changed)$/).first()).toBeVisible();
  await orders.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^(Order|ERP document) /);
});

test("on a phone all that a filter means is read again at once", async ({ pageOf }) => {
  const page = await pageOf("operations", { viewport: { width: 390, height: 844 } });
  await open(page, `${list}&cause=price-wrong`);
  // What can be done comes with the first row that is selected.
  await page
    .getByRole("checkbox", { name: /^Select / })
    .first()
    .check();
  await page.getByLabel(/^All \d+ shown$/).check();
  await page.getByRole("button", { name: /^Resync \d+ selected$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Resync of \d+ orders?$/);
  await expect(page.getByRole("definition").filter({ hasText: /^Done$/ })).toBeVisible({ timeout: 60_000 });
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(isWide).toBe(false);
});

test("an auditor can choose nothing", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await open(page, list);
  await expect(page.getByRole("table", { name: "Exceptions" })).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /Resync/ })).toHaveCount(0);
});
