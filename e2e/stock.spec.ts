import { expect, type Page } from "@playwright/test";
import { tieout } from "./support/command-line";
import { faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { test } from "./support/test";

// Stock on both sides: what drifts is seen, pushed from where it is seen, and closes once it is read back. The sandbox plants
// drifts each week, and one update that is stamped ahead of its time.
test.describe.configure({ mode: "serial", timeout: 420_000 });
// Both sides, and after them SCAYLE’s orders, have to be read before anything is said.
const patient = { timeout: 300_000 };
const DRIFTING = "/feeds/stock?entity=MODA-EU&view=drifting";

const rowOf = (page: Page, item: string) =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${item}`) }) });

/** The items that drift, once they have been reckoned. */
async function drifting(page: Page): Promise<readonly string[]> {
  await expect
    .poll(
      async () => {
        await open(page, DRIFTING);
        return page.getByRole("rowheader").count();
      },
      { ...patient, intervals: [2_000] },
    )
    .toBeGreaterThan(1);
  const links = await page.getByRole("rowheader").getByRole("link").allTextContents();
  return links.map((text) => text.trim());
}

test("an operator sees what SCAYLE sells too many of, pushes the ERP’s stock, and it closes", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  const items = await drifting(page);
  expect(await faultsOf(page)).toEqual([]);
  // The one whose stamp is ahead can't be pushed until the week is over.
  const many = page
    .getByRole("row")
    .filter({ hasText: /\d+ too many/ })
    .filter({ hasNotText: "SCAYLE ignores pushes until" });
  const stamps = await page.getByText("Why, and each warehouse").count();
  expect(stamps).toBe(items.length);
  const closed = ((await many.getByRole("rowheader").getByRole("link").first().textContent()) ?? "").trim();
  expect(closed).not.toBe("");
  await rowOf(page, closed).getByRole("link", { name: closed }).click();
  await whole(page);
  await expect(page.getByText(/SCAYLE sells \d+ too many\./).first()).toBeVisible();
  await expect(page.getByText(/stamped with that time and not with now/).first()).toBeVisible();
  const expected = page.getByRole("table", { name: `What is expected to change of ${closed}` });
  await expect(expected.getByRole("rowheader", { name: new RegExp(`^${closed} in `) }).first()).toBeVisible();
  await expect(page.getByText(`Expected to close: Stock differs: ${closed}.`)).toBeVisible();
  await page.getByRole("button", { name: "Push the ERP’s stock", exact: true }).click();
  await expect(page.getByText("Done and proved").first()).toBeVisible(patient);
  await open(page, DRIFTING);
  await expect(page.getByRole("rowheader", { name: new RegExp(`^${closed}`) })).toHaveCount(0);
  await open(page, `/feeds/stock?entity=MODA-EU&q=${closed}`);
  await expect(page.getByText(/^(Agrees|In flight)$/).first()).toBeVisible();
});

test("all that drift are pushed in one go; one that SCAYLE would ignore is left out, says until when, and stays", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await drifting(page);
  await expect(page.getByText("1 more drifts and is left out of pushes")).toBeVisible();
  await page.getByRole("button", { name: /^Push all \d+ that drift…$/ }).click();
  const dialog = page.getByRole("dialog", { name: "Push the ERP’s stock to SCAYLE" });
  const foreseen = dialog.getByText(/Expected to close: \d+ exceptions?\./).first();
  await expect(foreseen).toBeVisible(patient);
  await expect(dialog.getByText(/what is read back decides/).first()).toBeAttached();
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole("button", { name: /^Push \d+ items?$/ }).click();
  await page.waitForURL(/\/exceptions\/resolutions\//, patient);
  await whole(page);
  await expect(
    page.getByText(/which is still to come, and ignores every update with an earlier stamp/).first(),
  ).toBeVisible(patient);
  await expect
    .poll(
      async () => {
        await open(page, DRIFTING);
        return page.getByRole("rowheader").count();
      },
      { ...patient, intervals: [3_000] },
    )
    .toBe(1);
  await expect(page.getByText("SCAYLE ignores pushes until").first()).toBeVisible();
  await expect(page.getByRole("button", { name: /^Push/ })).toHaveCount(0);
  await page.getByRole("rowheader").getByRole("link").click();
  await whole(page);
  await expect(page.getByText(/It can be pushed after that time/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Push the ERP’s stock", exact: true })).toHaveCount(0);
});

test("an auditor sees the same and can push nothing; the phone shows it whole", async ({ pageOf }) => {
  const page = await pageOf("auditor", { viewport: PHONE });
  await open(page, "/feeds/stock?entity=MODA-EU");
  await expect(page.getByText("How stock is compared")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Push/ })).toHaveCount(0);
  await expect(page.getByText("Change how it is compared")).toHaveCount(0);
  expect(await overhangOf(page)).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
});

test("an event of a basket is refused as a reason for stock to move, in the settings too", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, "/feeds/stock?entity=MODA-EU");
  await page.getByText("Change how it is compared").click();
  const event = page.getByLabel("Event on which stock moves");
  await event.fill("basket-item-added");
  await page.getByLabel("Why", { exact: true }).fill("To see that it is refused.");
  await page.getByRole("button", { name: "Set how stock is compared" }).click();
  await expect(page.getByText(/never with a basket/).nth(1)).toBeVisible();
  await expect(event).toHaveAttribute("aria-invalid", "true");
  // And where one comes, it is kept with the reason.
  tieout("sandbox", "happen", "basket", "--shop", "ms/de");
  await expect
    .poll(
      async () => {
        await open(page, "/feeds/stock?entity=MODA-EU");
        return page.getByRole("row").filter({ hasText: "basket-item-added" }).count();
      },
      { timeout: 30_000, intervals: [1_000] },
    )
    .toBeGreaterThan(0);
  await expect(page.getByRole("row").filter({ hasText: "basket-item-added" }).first()).toContainText(
    "never with a basket",
  );
});
