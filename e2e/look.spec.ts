import { expect, type Page } from "@playwright/test";
import { DESK, faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { lastMonth } from "./support/month";
import type { Who } from "./support/people";
import { type Addresses, test } from "./support/test";

// Every page, light and dark on a desk and on a phone: axe finds nothing, the page does not move sideways, and
// (as in each of these tests) the browser has nothing to complain of.

type Shown = Readonly<{
  title: string;
  who: Who | null;
  address: (addresses: Addresses) => string;
  heading: string | RegExp;
  /** What is done on the page before it is looked at. */
  act?: (page: Page) => Promise<void>;
}>;

const month = lastMonth();
const selected = (address: string) => address.slice("/exceptions/".length);
const shown: readonly Shown[] = [
  { title: "the sign-in page", who: null, address: () => "/sign-in", heading: "Sign in" },
  { title: "a month", who: "admin", address: () => `/close/${month}`, heading: /^Close of/ },
  {
    title: "a month of the other entity with its chart as a table",
    who: "auditor",
    address: () => `/close/${month}?entity=MODA-UK`,
    heading: /^Close of/,
    act: (page) => page.getByText("Show as table").first().click(),
  },
  { title: "a month without figures", who: "auditor", address: () => "/close/2019-02", heading: /^Close of/ },
  {
    title: "the lines of a month",
    who: "auditor",
    address: () => `/close/${month}/lines`,
    heading: /^Lines/,
  },
  {
    title: "the proof of a month",
    who: "preparer",
    address: () => `/close/${month}/proof`,
    heading: /^Nothing-lost proof/,
  },
  {
    title: "an empty bucket of lines",
    who: "auditor",
    address: () => `/close/${month}/lines?side=erp&bucket=accepted`,
    heading: /^Lines/,
  },
  {
    title: "the exceptions",
    who: "preparer",
    address: () => `/exceptions?period=${month}`,
    heading: "Exceptions",
  },
  {
    title: "who owns what",
    who: "admin",
    address: () => "/settings/ownership",
    heading: "Ownership",
    act: (page) => page.getByText("Change Finance").click(),
  },
  {
    title: "by when exceptions are due",
    who: "admin",
    address: () => "/settings/due-dates?entity=MODA-EU",
    heading: "Due dates",
  },
  {
    title: "what is accepted",
    who: "reviewer",
    address: () => "/settings/acceptance-rules?entity=MODA-EU",
    heading: "Accepting",
    act: async (page) => {
      await page.getByLabel("At most, each").fill("5.00");
      await page.getByRole("button", { name: "Preview the effect" }).click();
      await page.getByText(/would be left to people/).waitFor();
    },
  },
  {
    title: "the exceptions with one of them beside",
    who: "preparer",
    address: ({ exception }) => `/exceptions?period=${month}&selected=${selected(exception)}`,
    heading: "Exceptions",
  },
  {
    title: "a filter that no exception fits",
    who: "preparer",
    address: () => "/exceptions?q=nothing-goes-by-this",
    heading: "Exceptions",
  },
  { title: "one exception", who: "preparer", address: ({ exception }) => exception, heading: /^Price wrong/ },
  { title: "the order search", who: "service", address: () => "/orders", heading: "Orders" },
  { title: "orders found", who: "service", address: () => "/orders?q=ZAL", heading: "Orders" },
  { title: "no order found", who: "service", address: () => "/orders?q=nothing", heading: "Orders" },
  { title: "one order", who: "service", address: ({ order }) => order, heading: /^Order / },
  { title: "the alerts", who: "preparer", address: () => "/alerts", heading: "Alerts" },
  { title: "alerts that are over", who: "service", address: () => "/alerts?show=closed", heading: "Alerts" },
  {
    title: "the alerts' settings",
    who: "admin",
    address: () => "/settings/alerts?entity=MODA-EU",
    heading: "Alert settings",
  },
  { title: "the operating manual", who: "preparer", address: () => "/manual", heading: "Operating manual" },
  { title: "the feeds", who: "operations", address: () => "/feeds", heading: "Feeds" },
  { title: "the webhooks", who: "operations", address: () => "/feeds/webhooks", heading: "Webhooks" },
  { title: "the stock of both sides", who: "operations", address: () => "/feeds/stock", heading: "Stock" },
  {
    title: "one feed",
    who: "admin",
    address: () => `/feeds/feed?id=${encodeURIComponent("MODA-EU/scayle/orders/ms-de")}`,
    heading: "Orders, Moda DE",
  },
  {
    title: "a stock feed",
    who: "operations",
    address: () => `/feeds/feed?id=${encodeURIComponent("MODA-EU/scayle/stock")}`,
    heading: "Stock that may be sold",
  },
  {
    title: "the failed records with a payload open",
    who: "operations",
    address: () => "/feeds/failed?entity=MODA-EU",
    heading: "Failed records",
    act: async (page) => {
      await page.getByText("Payload", { exact: true }).first().click();
      await page.getByRole("button", { name: "Give up…" }).first().click();
    },
  },
  { title: "one run of a feed", who: "operations", address: ({ run }) => run, heading: / of / },
  { title: "the audit trail", who: "auditor", address: () => "/audit", heading: "Audit" },
  {
    title: "a filter that no event fits",
    who: "auditor",
    address: () => "/audit?q=nothing-goes-by-this",
    heading: "Audit",
  },
  { title: "the settings", who: "admin", address: () => "/settings", heading: "Settings" },
  { title: "how the systems round", who: "admin", address: () => "/settings/rounding", heading: "Rounding" },
  {
    title: "how records come together",
    who: "admin",
    address: () => "/settings/pairing",
    heading: "Pairing",
  },
  {
    title: "which tax codes are right",
    who: "admin",
    address: () => "/settings/mappings?entity=MODA-EU",
    heading: "Mappings",
    act: (page) => page.getByText("Import a file").click(),
  },
  {
    title: "what ERP items stand for",
    who: "auditor",
    address: () => "/settings/mappings?entity=MODA-EU&tab=items",
    heading: "Mappings",
  },
  {
    title: "what is proposed to be mapped",
    who: "admin",
    address: () => "/settings/mappings?entity=MODA-UK&tab=proposals",
    heading: "Mappings",
  },
  {
    title: "a change to try",
    who: "admin",
    address: () => "/settings/change?entity=MODA-EU",
    heading: "Try a change",
  },
  {
    title: "the proof of a month, one feed's days",
    who: "auditor",
    address: () => `/close/${month}/proof?entity=MODA-EU&feed=MODA-EU%2Fscayle%2Forders%2Fms-de&kind=sale`,
    heading: /^Nothing-lost proof/,
  },
  { title: "a page that is refused", who: "service", address: () => "/feeds", heading: /^You may not see/ },
  {
    title: "a record that is not there",
    who: "auditor",
    address: () => "/orders/00000000-0000-0000-0000-000000000000",
    heading: "Not found",
  },
  {
    title: "an address that leads nowhere",
    who: "auditor",
    address: () => "/no/such/page",
    heading: "There is no such page",
  },
];

for (const { title, who, address, heading, act } of shown) {
  test(`${title}: readable by everybody, on a desk and on a phone, in light and dark`, async ({
    pageOf,
    addresses,
  }) => {
    const page = await pageOf(who, { viewport: DESK, colorScheme: "light", reducedMotion: "reduce" });
    await open(page, address(addresses));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    await act?.(page);
    await lookAt(page, "light");
    await page.emulateMedia({ colorScheme: "dark" });
    await lookAt(page, "dark");
    await page.setViewportSize(PHONE);
    await lookAt(page, "dark");
  });
}

async function lookAt(page: Page, theme: "light" | "dark"): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  // Colours change over a few frames, and a browser that is busy draws none: they are taken to their end.
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY) animation.cancel();
      else animation.finish();
    }
  });
  // What is scrolled halfway under the strip that stays is no target of its own there.
  await page.evaluate(() => window.scrollTo(0, 0));
  const where = `${theme}, ${page.viewportSize()?.width} px`;
  expect.soft(await faultsOf(page), `axe: ${where}`).toEqual([]);
  expect.soft(await overhangOf(page), `sticks out: ${where}`).toEqual([]);
}

test("a page that breaks says so in words, inside the frame, and can be tried again", async ({
  pageOf,
  complaints,
}) => {
  const page = await pageOf("preparer", { colorScheme: "dark", reducedMotion: "reduce" });
  // Stands for a defect of ours: the table of exceptions makes the addresses of its rows with this.
  await page.addInitScript(() => {
    const set = URLSearchParams.prototype.set;
    URLSearchParams.prototype.set = function (name, value) {
      if (name === "selected" && document.title !== "mended") throw new Error("broken for a test");
      set.call(this, name, value);
    };
  });
  await open(page, "/exceptions");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page could not be shown");
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link")).toHaveCount(6);
  await lookAt(page, "dark");
  await page.setViewportSize(PHONE);
  await lookAt(page, "dark");
  await page.setViewportSize(DESK);
  await page.evaluate(() => {
    document.title = "mended";
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("table", { name: "Exceptions" })).toBeVisible();
  // The browser reports the defect, as it should.
  expect(complaints.splice(0).filter((one) => !one.includes("broken for a test"))).toEqual([]);
});

test("what is chosen for theme and rows holds on every page and after a reload", async ({
  pageOf,
  addresses,
}) => {
  const page = await pageOf("preparer", { colorScheme: "light" });
  await open(page, "/exceptions");
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: "Account of Petra Preparer" }).click();
  const settings = page.getByRole("banner").first();
  await settings.getByRole("group", { name: "Theme" }).getByText("Dark").click();
  await settings.getByRole("group", { name: "Rows" }).getByText("Compact").click();
  expect(await faultsOf(page)).toEqual([]);
  for (const address of [addresses.order, "/settings", "/orders/no-such-order"]) {
    await page.goto(address);
    await whole(page);
    await expect(html).toHaveAttribute("data-theme", "dark");
    await expect(html).toHaveAttribute("data-density", "compact");
  }
  await open(page, "/exceptions");
  const row = page.getByRole("table", { name: "Exceptions" }).getByRole("row").nth(1);
  expect((await row.boundingBox())?.height).toBeCloseTo(32, 0);
});
