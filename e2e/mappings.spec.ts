import { expect, type Page } from "@playwright/test";
import { DESK, faultsOf, open, overhangOf, PHONE } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

// Mappings are changed by two people: one asks and sees what it would do, another approves, and it is matched by itself.
test.describe.configure({ mode: "serial", timeout: 240_000 });
const patient = { timeout: 90_000 };

const ENTITY = "MODA-UK";
const at = (tab: string) => `/settings/mappings?entity=${ENTITY}&tab=${tab}`;
/** Runs on books that were used before find their own row again. */
const CODE = `E2E${Date.now() % 1_000_000}`;

const main = (page: Page) => page.getByRole("main");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Presses, and again where a reconciliation was at work, or the figures had moved meanwhile. */
async function until(page: Page, name: string, done: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await button(page, name).click({ timeout: 20_000 });
    await done();
  }).toPass({ timeout: 180_000 });
}

/** Other requests in the list may have been made already: this one is, once there is nothing left to decide of it. */
const approve = async (page: Page) => {
  await until(page, "Approve", () => expect(button(page, "Approve")).toHaveCount(0, { timeout: 30_000 }));
  await expect(main(page).getByText("by Rosa Reviewer").first()).toBeVisible();
};

test("an administrator asks for a tax code, can't approve it, and the reviewer does", async ({ pageOf }) => {
  const admin = await pageOf("admin");
  await open(admin, "/settings");
  await admin.getByRole("link", { name: "Mappings", exact: true }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Mappings");
  await open(admin, at("tax-codes"));
  if (await button(admin, "Require a second person").isVisible())
    await button(admin, "Require a second person").click();
  await expect(main(admin).getByText(/A second person approves each change/)).toBeVisible();
  await expect(main(admin).getByText(/Whom you can ask: .*Rosa Reviewer/)).toBeVisible();

  await main(admin).getByRole("link", { name: "Add a row" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Try a change");
  const row = { shipTo: "GB", channel: "*", rate: "0.2", taxCode: CODE, right: "yes" };
  await open(
    admin,
    `/settings/change?${new URLSearchParams({ entity: ENTITY, change: "tax-code", ...row })}`,
  );
  await until(admin, "Preview the effect", () =>
    expect(button(admin, "Ask for approval")).toBeEnabled({ timeout: 60_000 }),
  );
  await expect(admin.getByText(/A mapping is changed by two people/)).toBeVisible();
  await until(admin, "Ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  const request = admin.url();
  await expect(
    main(admin).getByRole("heading", { name: `${CODE} is right for GB at 20 %, any channel` }),
  ).toBeVisible(patient);
  await expect(
    main(admin).getByText("You asked for this change: somebody else has to approve it."),
  ).toBeVisible();
  await expect(button(admin, "Approve")).toHaveCount(0);
  await expect(button(admin, "Withdraw")).toBeVisible();

  const rosa = await pageOf("reviewer");
  await open(rosa, request);
  await expect(main(rosa).getByRole("heading", { name: /What it would do to every order/ })).toBeVisible();
  expect(await faultsOf(rosa)).toEqual([]);
  await approve(rosa);

  await open(admin, `${at("tax-codes")}&q=${CODE}`);
  const found = main(admin).getByRole("table", { name: "Tax codes" }).getByRole("row").nth(1);
  await expect(found).toContainText("Alex Admin, approved by Rosa Reviewer");
  await found.getByRole("link", { name: /^History/ }).click();
  await expect(
    main(admin).getByRole("list", { name: "Changes of the row, newest first" }).getByRole("listitem"),
  ).toHaveText([/nothing → right/]);
  // Another code from a day on: the row that there is holds until the day before, in one request.
  await open(admin, `${at("tax-codes")}&q=${CODE}`);
  await main(admin)
    .getByRole("link", { name: `Change ${CODE} in GB at 20 %` })
    .click();
  const form = admin.getByRole("form", { name: "A tax code" });
  await form.getByLabel("Tax code", { exact: true }).fill(`${CODE}-B`);
  await expect(form.getByText(`${CODE} goes on until the day before, as it stands.`)).toBeVisible();
  await button(admin, "Preview and ask for approval").click();
  await expect(form.getByText(`From which day does it take the place of ${CODE}?`)).toBeVisible();
  await form.getByLabel("From (posting date)").fill("2031-01-01");
  expect(await faultsOf(admin)).toEqual([]);
  await until(admin, "Preview and ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  for (const words of [
    `${CODE} is right for GB at 20 %, any channel, until 31 Dec 2030`,
    `${CODE}-B is right for GB at 20 %, any channel, from 1 Jan 2031`,
  ])
    await expect(main(admin).getByText(words).first()).toBeVisible(patient);
  await button(admin, "Withdraw").click();
  await expect(main(admin).getByText("Withdrawn", { exact: true }).first()).toBeVisible(patient);
  await open(admin, `/audit?chain=${ENTITY}&q=mapping-request.approve`);
  await expect(admin.getByRole("table").getByRole("row").nth(1)).toContainText("Rosa Reviewer");
});

test("who sees an order that lacks a mapping asks for it there; once it is approved, the order is read again by itself", async ({
  pageOf,
}) => {
  test.slow();
  const admin = await pageOf("admin");
  const rosa = await pageOf("reviewer");
  await open(admin, `/close/${lastMonth()}/lines?entity=${ENTITY}&side=erp`);
  await admin.getByRole("table").getByRole("link").first().click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText(/^Order /);
  const order = admin.url();
  const sku =
    (await admin
      .getByText(/^MD-\d+-[A-Z]+$/)
      .first()
      .textContent()) ?? "";
  // An item of the ERP that the mapping has for the wrong product, until the end of next year: its orders differ from then on.
  const until31 = `${new Date().getFullYear() + 1}-12-31`;
  const wrong = { erpKind: "item", erpItem: sku, lineKind: "item", sku: `NOT-${sku}`, validUntil: until31 };
  await open(admin, `/settings/change?${new URLSearchParams({ entity: ENTITY, change: "item", ...wrong })}`);
  await until(admin, "Preview the effect", () =>
    expect(button(admin, "Ask for approval")).toBeEnabled({ timeout: 60_000 }),
  );
  await until(admin, "Ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  await open(rosa, admin.url());
  await approve(rosa);
  const itemWrong = admin
    .getByRole("list", { name: "Exceptions of this order" })
    .getByRole("link", { name: "Item wrong" })
    .first();
  const set = admin.getByRole("button", { name: "Set the mapping and try again…" });
  // One that was resolved before stands there too, until the reconciliation has opened it again.
  await expect(async () => {
    await admin.goto(order);
    await itemWrong.click({ timeout: 5_000 });
    await expect(admin).toHaveURL(/\/exceptions\//);
    await expect(set).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });
  const exception = admin.url();

  await set.click();
  const form = admin.getByRole("form", { name: "Set the mapping and try again" });
  await expect(form.getByLabel("It stands for SKU")).toHaveValue(sku);
  // The days of the row that it changes stay.
  await expect(form.getByText(`until 31 Dec ${until31.slice(0, 4)}`)).toBeVisible();
  await expect(form.getByText(/A second person approves it: .*Rosa Reviewer/)).toBeVisible();
  await until(admin, "See what it changes", () =>
    expect(form.getByText(/^Clears \d+ exceptions?/).first()).toBeVisible({ timeout: 60_000 }),
  );
  expect(await faultsOf(admin)).toEqual([]);
  await until(admin, "Ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  await expect(
    main(admin).getByRole("heading", { name: `ERP item ${sku} stands for ${sku}, until 31 Dec` }),
  ).toBeVisible(patient);
  await open(rosa, admin.url());
  await approve(rosa);
  await expect(async () => {
    await admin.goto(exception);
    await expect(admin.getByText("Resolved", { exact: true }).first()).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });
  await open(admin, `${at("items")}&q=${sku}`);
  await expect(main(admin).getByRole("table", { name: "Items" }).getByRole("row").nth(1)).toContainText(
    `until 31 Dec ${until31.slice(0, 4)}`,
  );
});

test("a file with a bad row changes nothing and says what to do; a good one is one request, withdrawn again", async ({
  pageOf,
}) => {
  const admin = await pageOf("admin");
  await open(admin, at("items"));
  await admin.getByText("Import a file").click();
  const form = admin.getByRole("form", { name: "Import a file" });
  const load = async (rows: string) => {
    await form.getByLabel(/^CSV file/).setInputFiles({
      name: "items.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(`erp_kind,erp_item,variant,stands_for,sku\r\n${rows}`),
    });
  };
  await load("item,OLD-1,,item,\r\nthing,OLD-2,,item,NEW-2\r\n");
  await button(admin, "Preview and ask for approval").click();
  const report = form.getByRole("table", { name: "What is wrong with the file" });
  await expect(report.getByRole("row")).toHaveCount(3);
  await expect(report.getByRole("row").nth(1)).toContainText("2sku");
  await expect(report.getByRole("row").nth(2)).toContainText("3erp_kind");
  expect(await faultsOf(admin)).toEqual([]);
  await load("item,OLD-1,,item,NEW-1\r\nitem,OLD-2,,item,NEW-2\r\n");
  await until(admin, "Preview and ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  await expect(main(admin).getByText("ERP item OLD-2 stands for NEW-2")).toBeVisible(patient);
  await button(admin, "Withdraw").click();
  await expect(main(admin).getByText("Withdrawn", { exact: true }).first()).toBeVisible(patient);
});

test("a way of paying is proposed from posted documents, confirmed by two people, and stands in its table with what is posted otherwise", async ({
  pageOf,
}) => {
  const admin = await pageOf("admin");
  const rosa = await pageOf("reviewer");
  await open(admin, at("payments"));
  await expect(main(admin).getByText(/It moves no figure/)).toBeVisible();
  const table = main(admin).getByRole("table", { name: "Payment methods" });
  const words = "Payment by paypal, any shop, is PREPAID in the ERP";
  // Books that were used before have the row already.
  if ((await table.getByRole("row").filter({ hasText: "paypal" }).count()) === 0) {
    await open(admin, at("proposals"));
    const proposal = main(admin).getByRole("listitem").filter({ hasText: words });
    await expect(proposal).toContainText(/[\d,]+ × posted documents of orders that were paid so bear it/);
    await proposal.getByRole("checkbox").check();
    await until(admin, "Preview and ask for approval (1)", () =>
      expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
    );
    await expect(main(admin).getByRole("region", { name: "What posted documents bear" })).toContainText(
      /[\d,]+ posted with it/,
    );
    await expect(main(admin).getByText("It moves no figure.")).toBeVisible();
    expect(await faultsOf(admin)).toEqual([]);
    await open(rosa, admin.url());
    await approve(rosa);
    await open(admin, at("payments"));
  }
  const row = table.getByRole("row").filter({ hasText: "paypal" });
  await expect(row).toContainText("PREPAID");
  await row.getByRole("link", { name: /^History/ }).click();
  await expect(
    main(admin).getByRole("list", { name: "Changes of the row, newest first" }).getByRole("listitem").first(),
  ).toContainText("→ PREPAID");
  await table.getByRole("link", { name: /^Change paypal/ }).click();
  const form = admin.getByRole("form", { name: "A way of paying" });
  await expect(form.getByLabel("The ERP’s code")).toHaveValue("PREPAID");
  expect(await faultsOf(admin)).toEqual([]);
  const [file] = await Promise.all([
    admin.waitForEvent("download"),
    main(admin).getByRole("link", { name: "Export as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`payments-${ENTITY}.csv`);
});

test("what is left out of references is previewed with where documents would stand; a file is told all its faults at once", async ({
  pageOf,
}) => {
  const admin = await pageOf("admin");
  await open(admin, at("references"));
  await main(admin).getByRole("link", { name: "Add a row" }).click();
  const form = admin.getByRole("form", { name: "A reference of the ERP" });
  await form.getByLabel("What it is").selectOption({ label: "A beginning that is left out" });
  await form.getByLabel("Beginning").fill("ZZZ-");
  expect(await faultsOf(admin)).toEqual([]);
  await until(admin, "Preview and ask for approval", () =>
    expect(admin).toHaveURL(/tab=requests&request=/, { timeout: 60_000 }),
  );
  await expect(
    main(admin).getByRole("heading", { name: "“ZZZ-” at the beginning of references is left out" }),
  ).toBeVisible(patient);
  await expect(main(admin).getByRole("region", { name: "Where documents stand" })).toContainText(
    "Would find their order0",
  );
  expect(await faultsOf(admin)).toEqual([]);
  await button(admin, "Withdraw").click();
  await expect(main(admin).getByText("Withdrawn", { exact: true }).first()).toBeVisible(patient);

  await open(admin, at("references"));
  await admin.getByText("Import a file").click();
  const load = admin.getByRole("form", { name: "Import a file" });
  await load.getByLabel(/^CSV file/).setInputFiles({
    name: "references.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(
      "connection,part,text,order\r\nNo such ERP,whole reference,X-1,NO-ORDER\r\n,middle,Y,\r\n",
    ),
  });
  await button(admin, "Preview and ask for approval").click();
  const report = load.getByRole("table", { name: "What is wrong with the file" });
  await expect(report.getByRole("row")).toHaveCount(4);
  await expect(report).toContainText("There is no order “NO-ORDER”.");
  await expect(report).toContainText("There is no ERP connection “No such ERP”.");
  await expect(report).toContainText("“middle” is not known here.");
  const auditor = await pageOf("auditor");
  await open(auditor, `${at("references")}&edit=new`);
  await expect(auditor.getByRole("form", { name: "A reference of the ERP" })).toHaveCount(0);
});

test("the settings lead to each table by its number of rows", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await open(page, "/settings");
  await main(page)
    .getByRole("link", { name: new RegExp(`^Payment methods of ${ENTITY}: [1-9]`) })
    .click();
  await expect(page).toHaveURL(/tab=payments/);
  await expect(main(page).getByRole("table", { name: "Payment methods" })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the views are readable on a desk and on a phone, ${colorScheme}`, async ({ pageOf }) => {
    const page = await pageOf("reviewer", { colorScheme });
    for (const tab of ["tax-codes", "items", "references", "payments", "proposals", "requests"]) {
      await open(page, at(tab));
      for (const viewport of [DESK, PHONE]) {
        await page.setViewportSize(viewport);
        expect(await faultsOf(page), tab).toEqual([]);
        expect(await overhangOf(page), tab).toEqual([]);
      }
    }
  });
}

test("that one person is enough again takes two as well", async ({ pageOf }) => {
  const admin = await pageOf("admin");
  await open(admin, at("tax-codes"));
  await button(admin, "Ask that one person is enough…").click();
  await expect(admin).toHaveURL(/tab=requests&request=/, patient);
  const request = admin.url();
  const rosa = await pageOf("reviewer");
  await open(rosa, request);
  await approve(rosa);
  await open(admin, at("tax-codes"));
  await expect(main(admin).getByText(/One person who may change the settings is enough here/)).toBeVisible();
});
