import { expect, type Page } from "@playwright/test";
import { type Exceptions, tieout } from "./support/command-line";
import { open, whole } from "./support/look";
import { lastMonth, monthName } from "./support/month";
import { test } from "./support/test";

// The address is the state of a page: it survives a reload, the way back, and being sent to somebody else.

const month = lastMonth();

test("filters and sort live in the address, which shows a colleague the same rows", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, `/exceptions?entity=MODA-EU&period=${month}`);
  await page.getByLabel("State").selectOption("Explained");
  await expect(page).toHaveURL(/[?&]state=explained/);
  await page.getByLabel("Cause", { exact: true }).selectOption("Rounding");
  await expect(page).toHaveURL(/[?&]cause=rounding/);
  await page.getByRole("columnheader", { name: "Order" }).getByRole("link").click();
  await expect(page).toHaveURL(/[?&]sort=-order/);
  await expect(page.getByRole("columnheader", { name: "Order" })).toHaveAttribute("aria-sort", "descending");
  const first = await ordersOf(page);
  expect(first).toEqual([...first].sort().reverse());

  await page.reload();
  await whole(page);
  expect(await ordersOf(page)).toEqual(first);
  await expect(page.getByLabel("State")).toHaveValue("explained");
  await expect(page.getByLabel("Cause", { exact: true })).toHaveValue("rounding");
  await expect(page.getByRole("columnheader", { name: "Order" })).toHaveAttribute("aria-sort", "descending");

  const colleague = await pageOf("auditor");
  await open(colleague, page.url());
  expect(await ordersOf(colleague)).toEqual(first);

  await page.goBack();
  await expect(page).not.toHaveURL(/sort=/);
  await expect.poll(() => ordersOf(page)).not.toEqual(first);
});

test("a heading sorts by its column, the largest amount first, and its second click turns it round", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer");
  await open(page, `/exceptions?entity=MODA-EU&period=${month}`);
  const heading = page.getByRole("columnheader", { name: "Gross" });
  await heading.getByRole("link").click();
  await expect(page).toHaveURL(/[?&]sort=-gross/);
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  const amounts = await grossOf(page);
  expect(new Set(amounts).size).toBeGreaterThan(5);
  expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
  await heading.getByRole("link").click();
  await expect(page).toHaveURL(/[?&]sort=gross/);
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  // The month has more than a page of them: the other end of the list.
  const rising = await grossOf(page);
  expect(rising).toEqual([...rising].sort((a, b) => a - b));
  expect(rising[0]).toBeLessThanOrEqual(amounts.at(-1) ?? Number.NEGATIVE_INFINITY);
});

test("words in the search field find orders, documents and explanations; clearing shows everything again", async ({
  pageOf,
}) => {
  const words = ["exceptions", "--period", month, "--entity", "MODA-EU", "--cause", "duplicate-in-erp"];
  const [truth] = tieout<Exceptions>(...words).exceptions;
  const page = await pageOf("operations");
  await open(page, `/exceptions?entity=MODA-EU&period=${month}`);
  const everything = await page.getByText(/^\d+ exceptions$/).textContent();
  const search = page.getByRole("searchbox", { name: "Search" });
  await search.fill(truth?.document ?? "");
  await search.press("Enter");
  await expect(page).toHaveURL(new RegExp(`[?&]q=${truth?.document}`));
  await expect(page.getByText("1 exception", { exact: true })).toBeVisible();
  expect(await ordersOf(page)).toEqual([truth?.order]);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.getByText(everything ?? "", { exact: true })).toBeVisible();
  await expect(search).toHaveValue("");
});

test("entity and month are chosen at the top and kept from page to page", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, `/close/${month}`);
  await page.getByLabel("Entity", { exact: true }).selectOption("Moda UK · GBP");
  await expect(page).toHaveURL(`/close/${month}?entity=MODA-UK`);
  await expect(page.getByRole("region", { name: "Tie-out in GBP" })).toBeVisible();
  const before = previous(month);
  await page.getByLabel("Period", { exact: true }).selectOption(monthName(before));
  await expect(page).toHaveURL(`/close/${before}?entity=MODA-UK`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Close of ${monthName(before)}`);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Exceptions" }).click();
  await expect(page).toHaveURL(`/exceptions?entity=MODA-UK&period=${before}`);
  await expect(page.getByText(`What differs in ${monthName(before)}.`)).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Close" }).click();
  await expect(page).toHaveURL(`/close/${before}?entity=MODA-UK`);
});

test("each figure of the strip opens the lines that it is the sum of", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  for (const [side, title] of [
    ["SCAYLE", "SCAYLE"],
    ["ERP", "the ERP"],
  ] as const) {
    await open(page, `/close/${month}?entity=MODA-EU`);
    const figure = page
      .getByRole("region", { name: "Tie-out in EUR" })
      .getByRole("link", { name: new RegExp(`^${side}`) });
    const amount = (await figure.textContent())?.replace(side, "") ?? "";
    await figure.click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(
      `Lines of ${title}, ${monthName(month)}`,
    );
    const sums = page.getByRole("table", { name: "Lines" }).locator("tfoot");
    await expect(sums).toContainText("Sum of all pages");
    await expect(sums).toContainText(amount);
  }
});

test("an order is found by its reference, by its id and by the number of its ERP document", async ({
  pageOf,
}) => {
  const words = ["exceptions", "--period", month, "--entity", "MODA-EU", "--cause", "price-wrong"];
  const [truth] = tieout<Exceptions>(...words).exceptions;
  const number = truth?.evidence.documents.find(({ side }) => side === "erp")?.number;
  const page = await pageOf("service");
  for (const text of [truth?.order, truth?.orderId, number, truth?.order?.toLowerCase()]) {
    await open(page, "/orders");
    await page.getByLabel("Find an order").fill(text ?? "");
    await page.getByLabel("Find an order").press("Enter");
    await expect(page.getByRole("heading", { level: 1 }), `by ${text}`).toHaveText(`Order ${truth?.order}`);
  }
  await open(page, `/orders?q=${truth?.order?.slice(0, -2)}`);
  await expect(page.getByRole("list", { name: "Orders found" }).getByRole("link")).not.toHaveCount(0);
});

const rowsOf = (page: Page) =>
  page.getByRole("table", { name: "Exceptions" }).locator("tbody tr[data-row-id]");

/** The orders of the first rows, in their order: how many are drawn depends on what is in sight. */
const ordersOf = async (page: Page) =>
  (await rowsOf(page).locator('a[href^="/orders/"]').allTextContents()).slice(0, 15);

/** The gross amounts of the rows in minor units. */
async function grossOf(page: Page): Promise<readonly number[]> {
  const headings = await page
    .getByRole("table", { name: "Exceptions" })
    .locator("thead th")
    .allTextContents();
  const place = headings.findIndex((text) => text.includes("Gross")) + 1;
  const texts = await rowsOf(page).locator(`td:nth-child(${place})`).allTextContents();
  // Where the gross agrees, the cell says what tax differs.
  return texts.map((text) => (/^tax/.test(text) ? 0 : Number(text.replace("−", "-").replace(/[^\d-]/g, ""))));
}

/** The month before. */
function previous(of: string): string {
  const [year = "", number = ""] = of.split("-");
  return lastMonth(new Date(Date.UTC(Number(year), Number(number) - 1, 15)));
}
