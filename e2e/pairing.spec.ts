import { expect, type Page } from "@playwright/test";
import { DESK, faultsOf, open, overhangOf, PHONE } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

// Documents and lines are put together by hand, and apart again: each journey leaves the books as it found them.
test.describe.configure({ mode: "serial" });

const listOf = (cause: string) => `/exceptions?entity=MODA-EU&period=${lastMonth()}&cause=${cause}`;
const firstRow = (page: Page) => page.getByRole("table", { name: "Exceptions" }).getByRole("row").nth(1);
const state = (page: Page) => page.getByRole("main").locator("section").first();

/** The address of the first exception of a cause, the name of its order, and where the order is. */
async function firstOf(page: Page, cause: string) {
  await open(page, listOf(cause));
  const row = firstRow(page);
  const href = await row.getByRole("link", { name: /open$/ }).getAttribute("href");
  const order = row.locator('a[href^="/orders/"]');
  const id = new URL(href ?? "", "http://localhost").searchParams.get("selected");
  return {
    exception: `/exceptions/${id}`,
    reference: (await order.textContent()) ?? "",
    order: await order.getAttribute("href"),
  };
}

async function looksRight(page: Page): Promise<void> {
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    expect(await faultsOf(page)).toEqual([]);
    expect(await overhangOf(page)).toEqual([]);
  }
}

test("an ERP document is linked to an order from its exception, which is resolved, and unlinked again", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  const missing = await firstOf(page, "sale-missing-in-erp");
  const stray = await firstOf(page, "sale-missing-in-scayle");
  await open(page, stray.exception);
  await page.getByLabel("Order to link to").fill(missing.reference);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("button", { name: missing.reference, exact: true }).click();
  await expect(page.getByText("This would be resolved")).toBeVisible();
  await looksRight(page);
  await page.getByRole("button", { name: new RegExp(`^Link .* to ${missing.reference}$`) }).click();
  await expect(state(page)).toContainText("Resolved");
  await expect(page.getByText("Put there by hand")).toBeVisible();
  await looksRight(page);

  // It is with the order now, whose page says so; whoever only reads may not undo it.
  await page.getByRole("link", { name: missing.reference, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${missing.reference}`);
  await expect(page.getByText(/is with this order, put there by hand/)).toBeVisible();
  const auditor = await pageOf("auditor");
  await open(auditor, stray.exception);
  await expect(auditor.getByRole("button", { name: /^Undo/ })).toHaveCount(0);

  await open(page, stray.exception);
  await page.getByRole("button", { name: /^Undo: / }).click();
  await expect(state(page)).toContainText("New");
  await expect(page.getByLabel("Order to link to")).toBeVisible();
  await open(page, listOf("sale-missing-in-erp"));
  await expect(firstRow(page)).toContainText(missing.reference);
});

test("lines of two items are paired by hand on the order's page, which ends the exception, and unpaired again", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer");
  const wrong = await firstOf(page, "item-wrong");
  await open(page, wrong.exception);
  // "SCAYLE has 2 × A; invoice N has 2 × B in their place."
  const words = (await state(page).textContent()) ?? "";
  const [, ours = "", theirs = ""] = /has [\d.]+ × (\S+); .* has [\d.]+ × (\S+) in/.exec(words) ?? [];
  await open(page, wrong.order ?? "");
  const lines = (side: string, item: string) =>
    page.getByRole("group", { name: side }).getByRole("checkbox", { name: new RegExp(`× ${item}\\b`) });
  for (const box of await lines("Lines of SCAYLE", ours).all()) await box.check();
  for (const box of await lines("Lines of the ERP", theirs).all()) await box.check();
  await page.getByRole("button", { name: "Pair these lines" }).click();
  const undo = page.getByRole("button", { name: /^Undo: / });
  await expect(undo).toBeVisible();
  await looksRight(page);
  await open(page, wrong.exception);
  await expect(state(page)).toContainText("Resolved");
  await open(page, "/settings/pairing");
  await expect(page.getByRole("table", { name: "Lines paired by hand" })).toContainText(wrong.reference);
  await open(page, wrong.order ?? "");
  await undo.click();
  await expect(undo).toHaveCount(0);
  await open(page, wrong.exception);
  await expect(state(page)).toContainText("New");
});

test("nothing is paired where nothing is chosen, and that is said", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  const wrong = await firstOf(page, "item-wrong");
  await open(page, wrong.order ?? "");
  await page.getByRole("button", { name: "Pair these lines" }).click();
  await expect(page.getByRole("main").getByText("Choose lines first.")).toBeVisible();
});
