import { expect } from "@playwright/test";
import { open, PHONE, whole } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

const phone = { viewport: PHONE, hasTouch: true, isMobile: true } as const;

test("on a phone the places are a bar at the bottom, and what has no room is in the account's menu", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer", phone);
  await open(page, "/exceptions");
  const bar = page.getByRole("navigation", { name: "Main" });
  await expect(bar.getByRole("link")).toHaveText(["Close", "Exceptions", "Orders", "Feeds", "Audit"]);
  const box = await bar.boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeCloseTo(PHONE.height, 0);
  await bar.getByRole("link", { name: "Orders" }).tap();
  await expect(page).toHaveURL(/\/orders/);
  await page.getByRole("button", { name: "Account of Petra Preparer" }).tap();
  await page.getByRole("link", { name: "Settings" }).tap();
  await expect(page).toHaveURL("/settings");
});

test("on a phone the exceptions are cards with the figures of the table, and one opens as a page", async ({
  pageOf,
}) => {
  const address = `/exceptions?entity=MODA-EU&period=${lastMonth()}&sort=-gross`;
  const desk = await pageOf("preparer");
  await open(desk, address);
  const table = desk.getByRole("table", { name: "Exceptions" });
  const figures = "span.figures:has-text('EUR')";
  // Of both only what is in sight is drawn.
  const onDesk = (await table.locator("tbody").locator(figures).allTextContents()).slice(0, 6);
  expect(onDesk.length).toBeGreaterThan(5);

  const page = await pageOf("preparer", phone);
  await open(page, address);
  await expect(page.getByRole("table", { name: "Exceptions" })).toBeHidden();
  const cards = page.getByRole("list", { name: "Exceptions", exact: true });
  expect((await cards.locator(figures).allTextContents()).slice(0, 6)).toEqual(onDesk);
  await open(page, `${address}&cause=price-wrong`);
  await cards
    .getByRole("link", { name: /^Price wrong/ })
    .first()
    .tap();
  const record = page.getByRole("complementary", { name: "Selected record" });
  await expect(record).toBeVisible();
  expect(await record.boundingBox()).toMatchObject({ x: 0, y: 0, ...PHONE });
  await expect(record.getByRole("list", { name: "Both sides in EUR" })).toBeVisible();
  await record.getByRole("link", { name: "Close the record" }).tap();
  await expect(cards).toBeVisible();
  await expect(record).toHaveCount(0);
});

test("on a phone the tie-out strip takes two lines and holds the desk's figures", async ({ pageOf }) => {
  const page = await pageOf("preparer", phone);
  await open(page, `/close/${lastMonth()}`);
  await whole(page);
  const strip = page.getByRole("region", { name: "Tie-out in EUR" });
  const tops = await strip
    .getByRole("link")
    .evaluateAll((links) => [...new Set(links.map((link) => Math.round(link.getBoundingClientRect().top)))]);
  expect(tops).toHaveLength(2);
  await expect(strip.getByRole("link")).toHaveText([/^SCAYLE/, /^explained/, /^unexplained/, /^ERP/]);
});
