import { expect, type Page } from "@playwright/test";
import { type Exceptions, tieout } from "./support/command-line";
import { faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

// Why a figure moved: somebody accepts an exception, the month is reconciled, and the change of the totals opens what made
// it, to the cent; the month can still be seen as at the day before.

const month = lastMonth();
const address = `/close/${month}?entity=MODA-EU`;

test.describe.configure({ mode: "serial" });

/** The rows of the list of movements, and what they are said to come to. */
const list = (page: Page) => page.getByRole("table", { name: "What moved it" });
const sums = (page: Page) => page.getByRole("table", { name: "From before to after, by what made it" });

test("every total's change opens the list of what made it, and the list adds up", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, `${address}&since=start`);
  const card = page.getByRole("table", { name: "What moved, in EUR" });
  const total = await card
    .getByRole("row", { name: /^SCAYLE/ })
    .getByRole("cell")
    .last()
    .textContent();
  await card.getByRole("link", { name: /^Why SCAYLE’s total moved by / }).click();
  await whole(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Why SCAYLE’s total moved");
  await expect(sums(page).getByRole("row", { name: /^After/ })).toContainText("Before + events = after");
  await expect(
    sums(page)
      .getByRole("row", { name: /^After/ })
      .getByRole("cell")
      .last(),
  ).toHaveText(total ?? "");
  await expect(list(page).locator("tfoot")).toContainText(`+${total}`);

  await page.getByRole("navigation", { name: "Figure" }).getByRole("link", { name: "Tax" }).click();
  await expect(page).toHaveURL(/of=tax/);
  await expect(sums(page).getByRole("row", { name: /^After/ })).toContainText("Before + events = after");
});

test("what somebody accepts is told with who it was, once the month is reconciled", async ({ pageOf }) => {
  const accepted = ["exceptions", "--period", month, "--entity", "MODA-EU", "--state", "open"];
  const [one] = tieout<Exceptions>(...accepted, "--cause", "shipping-missing").exceptions;
  if (!one?.order) throw new Error("the sandbox plants missing shipping each month");
  const before = new Date().toISOString();
  const page = await pageOf("preparer");
  await open(page, `/exceptions/${one.id}`);
  await page.getByRole("button", { name: "Accept as it is" }).click();
  await page.getByLabel("Why it is right as it is").fill("The customer was promised free shipping.");
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await expect(page.getByText("Accepted as it is").first()).toBeVisible();

  // The matching that follows is a job; the totals have moved when it is done.
  const bucket = `/close/${month}/why?entity=MODA-EU&currency=EUR&total=scayle-bucket:accepted&of=count&since=${encodeURIComponent(before)}`;
  await expect(async () => {
    await open(page, bucket);
    await expect(list(page).getByRole("link", { name: `Order ${one.order}` })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 45_000 });
  const row = list(page).getByRole("row").filter({ hasText: one.order });
  await expect(row).toContainText("Somebody acted");
  await expect(row).toContainText("accepted: The customer was promised free shipping. · Petra Preparer");
  await expect(sums(page).getByRole("row", { name: /^After/ })).toContainText("Before + events = after");
  await sums(page).getByRole("link", { name: "Somebody acted" }).click();
  await expect(page).toHaveURL(/why=person/);
  await expect(sums(page)).toContainText("Only this is listed");
  expect(await faultsOf(page)).toEqual([]);
});

test("a month can be seen as at a day, marked as such, with the figures that it showed then", async ({
  pageOf,
}) => {
  const page = await pageOf("auditor");
  await open(page, address);
  const strip = await page
    .getByRole("region", { name: "Tie-out in EUR" })
    .getByRole("link")
    .allTextContents();
  await page.getByText("Compare other days, or see the month as at a date").click();
  const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Europe/Berlin" });
  await page.getByLabel("As at the end of").fill(today);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await whole(page);
  // This day is not over: the last one that is stands in its place.
  await expect(
    page.getByText(/ has not come yet: this is the end of .*, the last day that is over\.$/),
  ).toBeVisible();
  await open(page, `${address}&at=${encodeURIComponent(new Date().toISOString())}`);
  await expect(page.getByText("These are not the figures of today.")).toBeVisible();
  await expect(page.getByText("Movements up to then = what was shown")).toBeVisible();
  await expect(page.getByRole("region", { name: "Tie-out in EUR" }).getByRole("link")).toHaveText(strip);
  expect(await faultsOf(page)).toEqual([]);

  await open(page, `${address}&at=2020-01-31`);
  await expect(page.getByText("Nothing of this month had been reconciled by then.")).toBeVisible();
  await page.getByRole("link", { name: "Show today" }).click();
  await expect(page.getByText("These are not the figures of today.")).toHaveCount(0);
});

test("on a phone the list is cards, and the page does not move sideways", async ({ pageOf }) => {
  const page = await pageOf("auditor", { viewport: PHONE, colorScheme: "dark" });
  await open(page, `/close/${month}/why?entity=MODA-EU&total=erp&since=start`);
  await expect(page.getByRole("list", { name: "What moved it" })).toBeVisible();
  expect(await overhangOf(page)).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
});

test("customer service, who sees no totals, is refused", async ({ pageOf }) => {
  const page = await pageOf("service");
  const response = await page.goto(`/close/${month}/why?entity=MODA-EU`);
  expect(response?.status()).toBe(403);
});
