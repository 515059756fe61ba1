import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { tieout } from "./support/command-line";
import { DESK, faultsOf, open, PHONE, whole } from "./support/look";
import { test } from "./support/test";

// The queue worked by keyboard alone: no pointer is used in these tests. What they change they take back.
test.describe.configure({ mode: "serial" });

type Listed = Readonly<{
  exceptions: readonly Readonly<{
    id: string;
    cause: string;
    owner: string;
    state: string;
    assignee: string | null;
    order: string | null;
    document: string | null;
    gross: string;
    evidence: Readonly<{ lines?: readonly Readonly<{ sku: string | null }>[] }> | null;
  }>[];
}>;

/** What somebody can act on now, as the queue shows it: what waits stands apart there. */
const toActOn = () =>
  tieout<Listed>("exceptions", "--entity", "MODA-EU", "--state", "open").exceptions.filter(
    ({ state }) => state !== "waiting",
  );

/** A view of at least 40 that nobody has: the smallest there is of one cause or one owner, else all. */
function viewOfForty(): Readonly<{ address: string; count: number }> {
  const exceptions = toActOn();
  const counts = new Map<string, number>();
  for (const { cause, owner, assignee } of exceptions) {
    if (assignee !== null) continue;
    for (const filter of [`&cause=${cause}`, `&owner=${owner}`, ""]) {
      counts.set(filter, (counts.get(filter) ?? 0) + 1);
    }
  }
  const [found] = [...counts].filter(([, count]) => count >= 40).sort(([, a], [, b]) => a - b);
  if (!found) throw new Error("There are not 40 exceptions that nobody has.");
  return { address: `/exceptions?entity=MODA-EU&assignee=none${found[0]}`, count: found[1] };
}

const said = (page: Page, sentence: string | RegExp) =>
  expect(page.getByRole("status").filter({ hasText: sentence }).first()).toBeVisible({ timeout: 20_000 });
const rows = (page: Page) => page.getByRole("table", { name: "Exceptions" }).locator("tbody tr[data-row-id]");
const total = (page: Page, count: number) =>
  expect(
    page.getByText(count === 1 ? "1 exception" : `${count.toLocaleString("en")} exceptions`, { exact: true }),
  ).toBeVisible({
    timeout: 20_000,
  });
const dismissed = async (page: Page) => {
  // Sentences of earlier acts would be taken for that of the next.
  await expect(page.getByRole("button", { name: "Dismiss" })).toHaveCount(0, { timeout: 15_000 });
};

/** Goes to the first row; the page listens to keys as soon as its script runs. */
const begin = (page: Page) =>
  expect(async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await expect(rows(page).first().locator("[data-open]")).toBeFocused({ timeout: 500 });
  }).toPass();

test("an operator empties a view of 40 by keyboard alone, and takes it back", async ({ pageOf }) => {
  test.setTimeout(180_000);
  const { address, count } = viewOfForty();
  const page = await pageOf("operations");
  await open(page, address);
  await total(page, count);
  await begin(page);

  // One by one: the row that takes the place of the one that has gone has the focus.
  for (const left of [count - 1, count - 2, count - 3]) {
    await page.keyboard.press("a");
    await expect(page.getByRole("dialog")).toContainText("Assign:");
    await page.keyboard.press("Control+Enter");
    await total(page, left);
    await expect(rows(page).first().locator("[data-open]")).toBeFocused();
  }
  // Two at once, by a range.
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("X");
  await said(page, "2 selected");
  await page.keyboard.press("a");
  await page.keyboard.press("Control+Enter");
  await total(page, count - 5);
  // And all that are left, on whatever page.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("A");
  if (count - 5 > (await rows(page).count())) await page.keyboard.press("A");
  await said(page, `${(count - 5).toLocaleString("en")} selected`);
  await page.keyboard.press("a");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("No exception fits.")).toBeVisible({ timeout: 20_000 });

  for (const again of [count - 5, count - 3, count - 2, count - 1, count]) {
    await page.keyboard.press("u");
    await total(page, again);
  }
});

test("rows are read through, commented and looked up; letters in fields are letters", async ({ pageOf }) => {
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&cause=price-wrong");
  await begin(page);
  const first = rows(page).nth(0).locator("[data-open]");
  await page.keyboard.press("o");
  const record = page.getByRole("complementary", { name: "Selected record" });
  await expect(record).toBeVisible();
  await expect(first).toBeVisible();
  // The panel follows the row.
  const shown = page.url();
  await page.keyboard.press("j");
  await expect(page).not.toHaveURL(shown);
  await whole(page);
  await page.keyboard.press("Escape");
  await expect(record).toHaveCount(0);

  await page.keyboard.press("c");
  await page.keyboard.type("jxa? nothing of it is a command.");
  await page.keyboard.press("Control+Enter");
  await said(page, "Comment added.");
  await dismissed(page);

  await page.keyboard.press("/");
  await page.keyboard.type("xju");
  await expect(page.getByLabel("Search", { exact: true })).toHaveValue("xju");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet).toContainText("Take back what you did last");
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("view overd");
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/due=overdue/);
});

test("what waits leaves the list and is counted beside it; undo brings it back, and the focus to a row", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&cause=price-wrong");
  const count = Number(
    (
      await page
        .getByText(/^\d+ exceptions?$/)
        .first()
        .textContent()
    )?.split(" ")[0],
  );
  await begin(page);
  const id = await rows(page).first().getAttribute("data-row-id");
  const row = page.locator(`tr[data-row-id="${id}"]`);
  await page.keyboard.press("s");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("On whom or what").fill("the carrier");
  await dialog.getByLabel("Until").fill("2031-01-15");
  await page.keyboard.press("Control+Enter");
  await total(page, count - 1);
  await expect(row).toHaveCount(0);
  const waits = page.getByRole("link", { name: /^\d+ more waits?$/ });
  await expect(waits).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  await waits.click();
  await expect(page).toHaveURL(/state=waiting/);
  await expect(row).toContainText("Waiting");

  await open(page, "/exceptions?entity=MODA-EU&cause=price-wrong");
  await total(page, count - 1);
  await page.getByRole("group", { name: "What to do" }).getByRole("button", { name: /^Undo/ }).click();
  await total(page, count);
  await expect(row).toHaveCount(1);
  await expect(rows(page).locator("[data-open]:focus")).toHaveCount(1);
});

test("single keys can be switched off, and every command has a button", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, "/exceptions?entity=MODA-EU");
  await begin(page);
  await page.keyboard.press("?");
  await expect(page.getByRole("checkbox", { name: "Single keys are commands" })).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  for (const name of [
    /^Assign…/,
    /^Hand over…/,
    /^Wait…/,
    /^Resolve…/,
    /^Comment…/,
    /^Undo/,
    /^Commands/,
    /^Keys/,
    /^Next row/,
  ]) {
    await expect(page.getByRole("group", { name: "What to do" }).getByRole("button", { name })).toBeVisible();
  }
});

test("groups open to their rows, a view is kept by name, and the filter is exported as it is", async ({
  pageOf,
}) => {
  const page = await pageOf("auditor");
  await open(page, "/exceptions?entity=MODA-EU");
  await page.getByLabel("Group by").selectOption("age");
  const groups = page.getByRole("list", { name: "Exceptions by age" });
  await groups.getByRole("link").first().click();
  await expect(page).toHaveURL(/expanded=/);
  await expect(page.getByRole("table", { name: "Exceptions" })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);

  const name = `By age ${Date.now()}`;
  await page.getByRole("button", { name: "Save this view…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.keyboard.press("Control+Enter");
  const views = page.getByRole("navigation", { name: "Views" });
  await expect(views.getByRole("link", { name })).toHaveAttribute("aria-current", "page");
  await page.getByRole("button", { name: `Forget “${name}”` }).click();
  await expect(views.getByRole("link", { name })).toHaveCount(0);

  await open(page, "/exceptions?entity=MODA-EU&cause=price-wrong");
  const counted = Number(
    (
      await page
        .getByText(/^\d+ exceptions?$/)
        .first()
        .textContent()
    )?.split(" ")[0],
  );
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\r\n");
  expect(lines.length - 1).toBe(counted);
});

test("groups are gone over, opened and closed by keys", async ({ pageOf }) => {
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&group=cause");
  const groups = page.getByRole("list", { name: "Exceptions by cause" });
  const heads = groups.locator("[data-row-id^='group:'] a");
  const count = await heads.count();
  expect(count).toBeGreaterThan(2);
  await expect(async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await expect(heads.first()).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("j");
  await expect(heads.nth(1)).toBeFocused();
  await expect(heads.nth(1)).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("o");
  await expect(heads.nth(1)).toHaveAttribute("aria-expanded", "true");
  await expect(rows(page).first()).toBeVisible();
  await expect(heads.nth(1)).toBeFocused();
  // Into its rows, one of them chosen, and back to its head.
  await page.keyboard.press("j");
  await expect(rows(page).first().locator("[data-open]")).toBeFocused();
  await page.keyboard.press("x");
  await said(page, "1 selected");
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("k");
  await expect(heads.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(heads.nth(1)).toHaveAttribute("aria-expanded", "false");
  await expect(rows(page)).toHaveCount(0);
  await page.keyboard.press("k");
  await expect(heads.first()).toBeFocused();
});

test("amounts, due days and channels filter the queue, in the address and in what is exported", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer");
  await open(page, "/exceptions?entity=MODA-EU");
  const counted = async () =>
    Number(
      (
        await page
          .getByText(/^[\d,]+ exceptions?$/)
          .first()
          .textContent()
      )?.replace(/\D/g, ""),
    );
  const all = await counted();
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByLabel("Amount from, EUR").fill("50");
  await page.getByLabel("Amount to, EUR").fill("250.5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/amountFrom=50&amountTo=250\.5/);
  await expect.poll(counted).toBeLessThan(all);
  const some = await counted();
  expect(some).toBeGreaterThan(0);
  // Whatever their sign, and none besides.
  for (const figure of await rows(page).locator("td span.figures:has-text('EUR')").allTextContents()) {
    const amount = Number(figure.replace(/[^\d.]/g, ""));
    expect(amount).toBeLessThanOrEqual(250.5);
  }
  expect(await faultsOf(page)).toEqual([]);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\r\n");
  expect(lines.length - 1).toBe(some);

  await page.getByLabel("Due", { exact: true }).selectOption("Overdue");
  await expect(page).toHaveURL(/due=overdue/);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await total(page, all);
  // What is no amount is said, and the list is shown without it.
  await page.getByLabel("Amount from, EUR").fill("much");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Write an amount like 250.00.")).toBeVisible();
  await total(page, all);
});

test("an item, a document and an order are found by the queue’s search", async ({ pageOf }) => {
  const exceptions = toActOn();
  const one = exceptions.find(({ evidence, order }) => order && evidence?.lines?.some(({ sku }) => sku));
  const sku = one?.evidence?.lines?.find((line) => line.sku)?.sku;
  const withDocument = exceptions.find(({ document }) => document);
  if (!one || !sku || !withDocument?.document) throw new Error("There is nothing to look for.");
  const page = await pageOf("operations");
  for (const [q, id] of [
    [sku, one.id],
    [one.order ?? "", one.id],
    [withDocument.document, withDocument.id],
  ] as const) {
    await open(page, `/exceptions?entity=MODA-EU&q=${encodeURIComponent(q)}`);
    await expect(rows(page).first()).toBeVisible();
    await expect(page.locator(`tr[data-row-id="${id}"]`)).toHaveCount(1);
  }
});

test("the palette finds records on every page, and no exceptions for customer service", async ({
  pageOf,
}) => {
  const { exceptions } = tieout<Listed>("exceptions", "--entity", "MODA-EU", "--state", "open");
  const one = exceptions.find(({ order, document }) => order && document);
  if (!one?.order || !one.document) throw new Error("There is no exception with an order and a document.");
  const page = await pageOf("reviewer");
  await open(page, "/feeds");
  await page.keyboard.press("Control+k");
  const options = page.getByRole("listbox", { name: "Commands, pages and records" }).getByRole("option");
  await page.keyboard.type(one.order);
  await expect(options.first()).toContainText(`Order ${one.order}`);
  await expect(options.filter({ hasText: "Exception ·" }).first()).toContainText(one.order);
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${one.order}`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type(one.document.toLowerCase());
  await expect(options.filter({ hasText: "Document ·" }).first()).toContainText(one.document);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("nothing goes by this");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("Nothing goes by that");

  const service = await pageOf("service");
  await open(service, "/orders");
  await service.keyboard.press("Control+k");
  await service.keyboard.type(one.document);
  const found = service.getByRole("listbox").getByRole("option");
  await expect(found.first()).toContainText(one.document);
  await expect(found.filter({ hasText: "Exception ·" })).toHaveCount(0);
});

test("e offers every way to resolve, for one and for all that are selected", async ({ pageOf }) => {
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&cause=sale-missing-in-erp");
  await begin(page);
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: /^Resolve: / });
  await expect(dialog.getByRole("radio").first()).toBeFocused();
  await expect(dialog.getByRole("radio", { name: /^Resync/ })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  // Of one it leads to exactly what would be sent.
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/selected=.*#resolution/);
  await whole(page);
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/selected=/);
  await page.keyboard.press("A");
  await page.keyboard.press("e");
  await expect(dialog.getByRole("radio").first()).toBeFocused();
  await expect(dialog).toContainText("to act on.");
  await expect(dialog.getByRole("button", { name: "Begin" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("rows begin high up, beside a record too, and columns give way instead of being cut", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer", { viewport: DESK });
  await open(page, "/exceptions?entity=MODA-EU");
  const top = async () => (await rows(page).first().boundingBox())?.y ?? 9999;
  expect(await top()).toBeLessThanOrEqual(300);
  const box = page.getByRole("region", { name: "Exceptions" });
  const overhang = () => box.evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(await overhang()).toBeLessThanOrEqual(0);
  await begin(page);
  await page.keyboard.press("o");
  await expect(page.getByRole("complementary", { name: "Selected record" })).toBeVisible();
  await whole(page);
  expect(await top()).toBeLessThanOrEqual(300);
  expect(await overhang()).toBeLessThanOrEqual(0);
  await expect(page.getByRole("columnheader", { name: "Due" })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Shop" })).toHaveCount(0);
  await expect(page.getByText(/No room for: .*shop/)).toBeVisible();
});

test("the list goes on as one scrolls, draws only what is in sight, and keeps its place by keys", async ({
  pageOf,
}) => {
  test.setTimeout(180_000);
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&state=all");
  const box = page.getByRole("region", { name: "Exceptions" });
  const table = page.getByRole("table", { name: "Exceptions" });
  const count = Number(await table.getAttribute("aria-rowcount")) - 1;
  expect(count).toBeGreaterThan(500);
  await begin(page);
  const seen = new Set<string>();
  const look = async () => {
    const ids = await rows(page).evaluateAll((all) =>
      all.map((row) => row.getAttribute("data-row-id") ?? ""),
    );
    expect(ids.length).toBeLessThan(120);
    for (const id of ids) seen.add(id);
  };
  await expect(async () => {
    // Half of what is in sight, and a frame to draw the rest: no row is passed unseen.
    await box.evaluate(async (element) => {
      element.scrollTop += element.clientHeight / 2;
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    });
    await look();
    expect(seen.size).toBe(count);
  }).toPass({ timeout: 150_000, intervals: [10] });
  await expect(page.getByText(`All ${count.toLocaleString("en")} loaded`)).toBeVisible();
  // The row that had the focus is far away; keys go on from it and bring it back into sight.
  await page.keyboard.press("j");
  await expect(rows(page).locator("[data-open]:focus")).toBeInViewport();
  await expect(table.locator("tr[aria-current]")).toHaveAttribute("aria-rowindex", "3");
});

test("root causes are groups of the queue, and the palette works on other pages", async ({ pageOf }) => {
  const page = await pageOf("reviewer");
  await open(page, "/exceptions?entity=MODA-EU&group=rootCause");
  const groups = page.getByRole("list", { name: "Exceptions by root cause" });
  await groups
    .getByRole("link", { name: /^Tax code missing: ship-to DE/ })
    .first()
    .click();
  await expect(page).toHaveURL(/expanded=/);
  await expect(rows(page).first()).toContainText("Tax code missing");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Feeds" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Feeds");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("go to exc");
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Exceptions");
});

test("on a phone the filters fold, and the first screen shows three rows", async ({ pageOf }) => {
  const page = await pageOf("operations", { viewport: PHONE, hasTouch: true, isMobile: true });
  await open(page, "/exceptions?entity=MODA-EU");
  await expect(page.getByLabel("Owner", { exact: true })).toBeHidden();
  const third = page.getByRole("list", { name: "Exceptions", exact: true }).locator("> li").nth(2);
  const box = await third.boundingBox();
  const bar = await page.getByRole("navigation", { name: "Main" }).boundingBox();
  expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);
  // What can be done comes with the first row that is selected.
  await expect(page.getByRole("group", { name: "What to do" })).toBeHidden();
  await third.getByRole("checkbox").tap();
  await expect(page.getByRole("group", { name: "What to do" })).toBeVisible();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByLabel("Owner", { exact: true }).selectOption("Operations");
  await expect(page).toHaveURL(/owner=operations/);
  await expect(page.getByRole("button", { name: "Filters (1)" })).toBeVisible();
});
