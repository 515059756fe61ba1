import { expect } from "@playwright/test";
import { open } from "./support/look";
import { lastMonth } from "./support/month";
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
  await page.getByLabel("Why").fill("The ERP posts in bursts.");
  await page.getByLabel("Interval (min)").fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("At least 1 minute.").first()).toBeVisible();
  await page.getByLabel("Interval (min)").fill("30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("definition").filter({ hasText: /^30 min$/ })).toBeVisible();
  await page.getByLabel("Why").fill("Back to what it was.");
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

test("a mapping that an order lacks is set where that is seen, and the order is read again in the same step", async ({
  pageOf,
}) => {
  test.slow();
  const admin = await pageOf("admin");
  // An item of the ERP that the mapping has for the wrong product: its orders differ from then on.
  await open(admin, `/close/${lastMonth()}/lines?entity=MODA-UK&side=erp`);
  await admin.getByRole("table").getByRole("link").first().click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText(/^Order /);
  const order = admin.url();
  const sku =
    (await admin
      .getByText(/^MD-\d+-[A-Z]+$/)
      .first()
      .textContent()) ?? "";
  expect(sku).not.toBe("");
  const wrong = new URLSearchParams({ erpKind: "item", erpItem: sku, lineKind: "item", sku: `NOT-${sku}` });
  await open(admin, `/settings/change?entity=MODA-UK&change=item&${wrong}`);
  await admin.getByRole("button", { name: "Preview the effect" }).click();
  await admin.getByRole("button", { name: "Save the change" }).click({ timeout: 60_000 });
  await expect(admin.getByText("The change is saved, and the reconciliation with it is done.")).toBeVisible({
    timeout: 60_000,
  });
  await admin.goto(order);
  await admin
    .getByRole("list", { name: "Exceptions of this order" })
    .getByRole("link", { name: "Item wrong" })
    .first()
    .click();
  await expect(admin).toHaveURL(/\/exceptions\//);
  await expect(admin.getByRole("button", { name: "Set the mapping and try again…" })).toBeVisible();
  const exception = admin.url();

  // Who may not set it is told who may.
  const operations = await pageOf("operations");
  await operations.goto(exception);
  await expect(operations.getByText(/it goes to Administrator \(.+\)/)).toBeVisible();
  await expect(operations.getByRole("button", { name: /Set the mapping/ })).toHaveCount(0);

  await admin.getByRole("button", { name: "Set the mapping and try again…" }).click();
  const form = admin.getByRole("form", { name: "Set the mapping and try again" });
  await expect(form.getByText(`the ERP’s item ${sku} SCAYLE’s product ${sku}`)).toBeVisible();
  await expect(form.getByLabel("It stands for SKU")).toHaveValue(sku);
  await form.getByLabel("It stands for SKU").fill("");
  await form.getByRole("button", { name: "See what it changes" }).click();
  await expect(form.getByText("A SKU has 1 to 40 characters.")).toBeVisible();
  await form.getByLabel("It stands for SKU").fill(sku);
  await form.getByRole("button", { name: "See what it changes" }).click();
  await expect(form.getByText(/^Clears \d+ exceptions?/).first()).toBeVisible({ timeout: 60_000 });
  await form.getByRole("button", { name: "Save and try again" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText(/^Resync of \d+ orders?$/);
  await expect(admin.getByRole("definition").filter({ hasText: /^Done/ })).toBeVisible({ timeout: 60_000 });
  const results = admin.getByRole("list", { name: "What came of each order" });
  await expect(results.getByText(/^Item wrong \(.+\) is settled\.$/).first()).toBeVisible();
  await expect(results.getByText("Failed", { exact: true })).toHaveCount(0);
  await admin.goto(exception);
  await expect(admin.getByText("Resolved", { exact: true }).first()).toBeVisible();
});

test("orders are read again from the lines behind a figure, with what changed beneath", async ({
  pageOf,
}) => {
  const operations = await pageOf("operations");
  await open(operations, `/close/${lastMonth()}/lines?entity=MODA-UK&side=erp`);
  const row = operations.getByRole("table").getByRole("row").nth(1);
  await row.getByRole("button", { name: /^Resync order / }).click();
  const outcome = row.getByText(/^(Nothing changed|What changed)$/);
  await expect(outcome).toBeVisible({ timeout: 30_000 });
  // It stays once the page behind it was read again.
  await expect(row.getByRole("button", { name: /^Resync order / })).not.toContainText("Reading");
  await expect(outcome).toBeVisible();

  const auditor = await pageOf("auditor");
  await open(auditor, `/close/${lastMonth()}/lines?entity=MODA-UK&side=erp`);
  await expect(auditor.getByRole("button", { name: /^Resync/ })).toHaveCount(0);
});
