import { expect, type Page } from "@playwright/test";
import { type Exceptions, type Summaries, tieout } from "./support/command-line";
import { faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { lastMonth, monthName } from "./support/month";
import { test } from "./support/test";

// A month is cleared, signed by two people, closed, and stays closed: what comes later is shown beside it.
test.describe.configure({ mode: "serial", timeout: 180_000 });

const ENTITY = "MODA-UK";
/** Two months before the one that the other journeys work on. */
const month = (() => {
  const [year = 0, number = 1] = lastMonth().split("-").map(Number);
  return new Date(Date.UTC(year, number - 3, 1)).toISOString().slice(0, 7);
})();
const address = `/close/${month}?entity=${ENTITY}`;
const patient = { timeout: 60_000 };

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const said = (page: Page, sentence: string | RegExp) =>
  expect(page.getByRole("status").filter({ hasText: sentence })).toBeVisible(patient);
const signatures = (page: Page) => page.getByRole("list", { name: "Signatures", exact: true });
const tiesOut = () =>
  tieout<Summaries>("summary", "--period", month)
    .summaries.filter((one) => one.entity === ENTITY)
    .map((one) => one.tiesOut);
const again = () => {
  tieout("sync", "--entity", ENTITY);
  tieout("reconcile", "--entity", ENTITY);
};

test("a month that does not tie out can't be signed; what is in the way is said", async ({ pageOf }) => {
  const petra = await pageOf("preparer");
  await open(petra, address);
  expect(tiesOut()).toContain(false);
  await expect(petra.getByText(/It does not tie out: Every record could be read: no/)).toBeVisible();
  await expect(petra.getByRole("button", { name: "Sign as preparer" })).toHaveCount(0);
  const checklist = petra.getByRole("list", { name: "Checklist", exact: true });
  await expect(checklist.getByRole("listitem").filter({ hasText: "The proof is green" })).not.toContainText(
    "Complete",
  );
});

test("once it is cleared, facts complete their tasks and people theirs, with evidence and a reviewer", async ({
  pageOf,
}) => {
  const { exceptions } = tieout<Exceptions>(
    ...["exceptions", "--period", month, "--entity", ENTITY, "--cause", "record-failed"],
  );
  for (const { order } of exceptions) tieout("sandbox", "happen", "mend", "--order", order ?? "");
  again();
  expect(tiesOut()).not.toContain(false);
  const petra = await pageOf("preparer");
  await open(petra, address);
  const task = (page: Page, title: string) =>
    page
      .getByRole("list", { name: "Checklist", exact: true })
      .getByRole("listitem")
      .filter({ hasText: title });
  await expect(task(petra, "The proof is green")).toContainText("Every proof holds.");
  await expect(task(petra, "The proof is green")).toContainText("Complete");
  const payouts = "Payouts of the payment providers are matched to the bank";
  await press(petra, `Add evidence: ${payouts}`);
  const form = petra.getByRole("form", { name: `Evidence: ${payouts}` });
  await form.getByLabel("A file, up to 5 MB").setInputFiles({
    name: "statement.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("batch;sum\n1;2\n"),
  });
  await press(petra, "Add");
  await said(petra, "The file is added.");
  await press(petra, `Mark as done: ${payouts}`);
  await said(petra, "Marked as done.");
  await expect(task(petra, payouts)).toContainText("To be reviewed");
  await expect(petra.getByRole("button", { name: `Reviewed: ${payouts}` })).toHaveCount(0);
  const rosa = await pageOf("reviewer");
  await open(rosa, address);
  const file = await rosa.request.get(
    (await rosa.getByRole("link", { name: "statement.csv" }).getAttribute("href")) ?? "",
  );
  expect(await file.text()).toBe("batch;sum\n1;2\n");
  await press(rosa, `Reviewed: ${payouts}`);
  await said(rosa, "Reviewed.");
  await expect(task(rosa, payouts)).toContainText("reviewed by Rosa Reviewer");
});

test("the preparer signs, another reviews, and the month is closed; an administrator may do none of it", async ({
  pageOf,
}) => {
  const petra = await pageOf("preparer");
  await open(petra, address);
  await press(petra, "Sign as preparer");
  await expect(petra.getByText(/^“I prepared the figures/)).toBeVisible();
  await press(petra, "Sign");
  await said(petra, "Signed: 1 of 2.");
  await expect(signatures(petra)).toContainText("Petra Preparer");
  await expect(
    petra
      .getByText("You signed already: somebody else signs next.")
      .or(petra.getByText("A reviewer of finance signs next.")),
  ).toBeVisible();
  const admin = await pageOf("admin");
  await open(admin, address);
  await expect(admin.getByRole("button", { name: /^Sign/ })).toHaveCount(0);
  await expect(admin.getByText("A reviewer of finance signs next.")).toBeVisible();
  const rosa = await pageOf("reviewer");
  await open(rosa, address);
  await expect(rosa.getByRole("button", { name: "Close the month" })).toHaveCount(0);
  await press(rosa, "Sign as reviewer");
  await press(rosa, "Sign");
  await said(rosa, "Signed. The month can be closed.");
  await open(rosa, address);
  expect(await faultsOf(rosa)).toEqual([]);
  await press(rosa, "Close the month");
  const asks = rosa.getByRole("dialog", { name: `Close ${monthName(month)}?` });
  await expect(asks.getByRole("list", { name: "What is locked" })).toContainText("GBP apart");
  await expect(asks).toContainText(/\d of \d tasks of the checklist are complete\./);
  expect(await faultsOf(rosa)).toEqual([]);
  await press(rosa, "Close it now");
  await said(rosa, /^Closed: [\d,]+ lines are locked\.$/);
  await whole(rosa);
  await expect(rosa.getByText("This month is closed.")).toBeVisible();
  await expect(rosa.getByRole("list", { name: "Locks" })).toContainText("Lock 1");
  await expect(rosa.getByText("Nothing has come since. What is live is what is locked.")).toBeVisible();
});

test("what the ERP posts into it afterwards is a late arrival: locked figures stay, the next month carries it", async ({
  pageOf,
}) => {
  const rosa = await pageOf("reviewer");
  await open(rosa, address);
  const locked = await rosa.getByRole("list", { name: "Locks" }).textContent();
  await open(rosa, `/close/${month}/lines?entity=${ENTITY}&side=erp`);
  const row = rosa
    .getByRole("table")
    .getByRole("row")
    .filter({ has: rosa.locator('a[href^="/orders/"]') });
  const order = ((await row.first().locator('a[href^="/orders/"]').first().textContent()) ?? "").trim();
  tieout("sandbox", "happen", "post-again", "--order", order);
  again();
  await open(rosa, address);
  expect(await rosa.getByRole("list", { name: "Locks" }).textContent()).toBe(locked);
  const late = rosa.getByRole("list", { name: "Late arrivals", exact: true });
  await expect(late.getByRole("listitem").filter({ hasText: order })).toContainText("Posted twice");
  await expect(rosa.getByText("Σ late arrivals = live − locked")).toBeVisible();
  expect(await faultsOf(rosa)).toEqual([]);
  const next = new Date(`${month}-01T00:00:00Z`);
  next.setUTCMonth(next.getUTCMonth() + 1);
  await open(rosa, `/close/${next.toISOString().slice(0, 7)}?entity=${ENTITY}`);
  const carried = rosa.getByText("Late arrivals of closed months are proposed for this month");
  await expect(carried).toBeVisible();
  await expect(rosa.getByRole("link", { name: monthName(month) }).first()).toBeVisible();
  const corrections = rosa.locator("#corrections");
  await expect(corrections).toContainText(`Late arrivals of ${monthName(month)}`);
  await expect(corrections.getByRole("button", { name: "No journal is needed" }).first()).toBeVisible();
  // From another page the link ends at the part that it names.
  await rosa
    .getByRole("link", { name: monthName(month) })
    .first()
    .click();
  await expect(rosa.locator("#late").getByRole("heading")).toBeInViewport();
});

test("what is locked is listed and found, with what came later beside it", async ({ pageOf }) => {
  const auditor = await pageOf("auditor");
  await open(auditor, `/close/${month}/locked?entity=${ENTITY}&side=erp`);
  const lines = auditor.getByRole("table", { name: "Locked lines" });
  await expect(auditor.getByRole("list", { name: "Sums of all pages" })).toContainText("GBP");
  const order = ((await lines.locator('a[href^="/orders/"]').first().textContent()) ?? "").trim();
  await expect(auditor.getByRole("list", { name: "Late arrivals", exact: true })).toContainText(
    "Posted twice",
  );
  await auditor.getByLabel("Order, document, item or tax code").fill(order);
  await auditor.getByRole("button", { name: "Search", exact: true }).click();
  await expect(auditor).toHaveURL(/q=/);
  await whole(auditor);
  for (const row of await lines.locator("tbody tr").all()) await expect(row).toContainText(order);
  await auditor
    .getByRole("navigation", { name: "What is listed" })
    .getByRole("link", { name: "Documents" })
    .click();
  await expect(auditor.getByRole("table", { name: "Locked documents" })).toBeVisible();
  expect(await faultsOf(auditor)).toEqual([]);
});

test("the overview of all entities says how each month stands and whose turn it is", async ({ pageOf }) => {
  const rosa = await pageOf("reviewer");
  await open(rosa, "/close/overview?months=12");
  const rows = rosa.getByRole("table", { name: "Months of all entities" }).getByRole("row");
  const row = rows.filter({ has: rosa.locator(`a[href^="/close/${month}?entity=${ENTITY}"]`) });
  await expect(row).toContainText("Closed");
  await expect(row).toContainText("Locked");
  await expect(row).toContainText(/has \d+ late arrivals?, proposed for the next open month/);
  await expect(rows.filter({ hasText: monthName(month) })).toHaveCount(2);
  expect(await faultsOf(rosa)).toEqual([]);
  await row.getByRole("link").first().click();
  await expect(rosa.getByRole("heading", { level: 1 })).toHaveText(`Close of ${monthName(month)}`);
});

test("it is opened again by a second person only, and every act is in the trail", async ({ pageOf }) => {
  const petra = await pageOf("preparer");
  await open(petra, address);
  await press(petra, "Ask to reopen");
  await petra.getByLabel("Why it has to be opened").fill("The second posting has to be looked at.");
  await press(petra, "Ask to reopen");
  await said(petra, "Asked. Somebody else decides.");
  await expect(petra.getByRole("form", { name: "Decide on the reopening" })).toHaveCount(0);
  const rosa = await pageOf("reviewer");
  await open(rosa, address);
  await rosa
    .getByRole("form", { name: "Decide on the reopening" })
    .getByRole("button", { name: "Approve the reopening" })
    .click();
  await said(rosa, "Approved: the month is open.");
  await expect(rosa.getByText("This month was closed, and is open again.")).toBeVisible();
  const auditor = await pageOf("auditor");
  await open(auditor, `/audit?chain=${ENTITY}&about=period`);
  const trail = auditor.getByRole("table", { name: "Audit trail, newest first" });
  for (const action of [
    "period.prepare",
    "period.review",
    "period.lock",
    "period.ask-reopening",
    "period.reopen",
  ])
    await expect(trail.getByText(action, { exact: true }).first()).toBeVisible();
  await press(auditor, "Verify now");
  await said(auditor, /^The chain holds/);
  const file = await auditor.request.get(`/api/audit/export?chain=${ENTITY}&about=period&format=csv`);
  expect(await file.text()).toContain("period.lock");
});

test("the VAT and the accounts of both sides add up to the totals of the tie-out", async ({ pageOf }) => {
  const petra = await pageOf("preparer");
  await open(petra, `/close/${lastMonth()}/vat?entity=MODA-EU`);
  const table = petra.getByRole("table", { name: "VAT by country, rate and code in EUR" });
  await expect(table.getByRole("row", { name: /UST19/ }).first()).toContainText("19 %");
  const eur = petra.getByRole("region", { name: "EUR", exact: true });
  const says = eur.getByText("Sums = totals of the tie-out");
  // Until what changed meanwhile is reconciled, the page says that its sums are of the lines as they are now.
  await expect(says.or(petra.getByText("These sums are of the lines as they are now")).first()).toBeVisible();
  if ((await petra.getByText("These sums are of the lines as they are now").count()) === 0)
    await expect(says).toHaveCount(2);
  await expect(petra.getByRole("table", { name: "Kinds and accounts in EUR" })).toContainText("8400");
  expect(await faultsOf(petra)).toEqual([]);
});

test("the bridge can be by shop, channel, tax code, payment method and day; a bar opens its rows", async ({
  pageOf,
}) => {
  const petra = await pageOf("preparer");
  for (const by of ["shop", "channel", "code", "payment", "day"]) {
    await open(petra, `/close/${lastMonth()}?entity=MODA-EU&by=${by}`);
    await expect(petra.getByText("SCAYLE and the steps make the ERP’s total").first()).toBeVisible();
    const bridge = petra.getByRole("table", { name: "Bridge from SCAYLE to the ERP in EUR" });
    // SCAYLE, at most seven, others, ERP
    expect(await bridge.locator("tbody tr").count()).toBeLessThanOrEqual(10);
  }
  await open(petra, `/close/${lastMonth()}?entity=MODA-EU&by=channel`);
  const step = petra
    .getByRole("table", { name: "Bridge from SCAYLE to the ERP in EUR" })
    .locator("tbody tr")
    .nth(1);
  const amount = await step.getByRole("cell").nth(2).textContent();
  const link = step.getByRole("link");
  const name = await link.textContent();
  await petra.goto((await link.getAttribute("href")) ?? "");
  await whole(petra);
  await expect(petra.getByRole("heading", { level: 1 })).toContainText(name ?? "");
  // One sign everywhere: SCAYLE − ERP.
  const sum = await petra
    .getByRole("table", { name: "Differences" })
    .locator("tfoot td")
    .last()
    .textContent();
  expect(sum).toBe(amount);
  expect(await faultsOf(petra)).toEqual([]);
});

test("the debt is told by age, owner and cause, over months, with what is carried and its history", async ({
  pageOf,
}) => {
  const petra = await pageOf("preparer");
  await open(petra, `/close/${lastMonth()}/debt?entity=MODA-EU`);
  const causes = petra.getByRole("table", { name: "Debt by cause" });
  const first = causes.locator("tbody tr").first();
  const count = await first.getByRole("cell").nth(1).textContent();
  for (const name of ["Debt by age", "Debt by owner", "Causes by month"])
    await expect(petra.getByRole("table", { name })).toBeVisible();
  await expect(petra.getByText(/months in a row/).first()).toBeVisible();
  const carried = petra.getByRole("list", { name: "Carried forward", exact: true });
  const history = carried.getByText(/^History: /).first();
  await history.click();
  await expect(
    carried
      .getByRole("list", { name: /^History of / })
      .first()
      .getByRole("listitem")
      .first(),
  ).toBeVisible();
  await petra.getByRole("link", { name: "At each month’s end" }).click();
  await expect(petra).toHaveURL(/trend=ends/);
  expect(await faultsOf(petra)).toEqual([]);
  await first.getByRole("link").click();
  await whole(petra);
  await expect(petra.getByText(new RegExp(`\\b${count}\\b`)).first()).toBeVisible();
});

test("what blocks the close is in order, each with who has it and a link", async ({ pageOf }) => {
  const petra = await pageOf("preparer");
  await open(petra, `/close/${lastMonth()}?entity=MODA-EU`);
  const readiness = petra.getByRole("region", { name: "Readiness" });
  const steps = readiness.getByRole("listitem");
  await expect(steps.last()).toContainText("The month is closed · A reviewer of finance");
  for (const step of await steps.all()) {
    await expect(step).toContainText(" · ");
    await expect(step.getByRole("link")).toHaveAttribute("href", /^\//);
  }
});

test("on a phone and in the dark its pages are whole, and axe finds nothing", async ({ pageOf }) => {
  const rosa = await pageOf("reviewer", { viewport: PHONE, colorScheme: "dark" });
  const pages = [
    address,
    `/close/${lastMonth()}/vat?entity=MODA-EU`,
    `/close/${lastMonth()}/debt?entity=MODA-EU`,
    `/close/${lastMonth()}/differences?entity=MODA-EU&by=shop`,
    `/close/${month}/locked?entity=${ENTITY}`,
    "/close/overview",
  ];
  for (const page of pages) {
    await open(rosa, page);
    expect(await overhangOf(rosa), page).toEqual([]);
    expect(await faultsOf(rosa), page).toEqual([]);
  }
});

test("on paper there is nothing to press, and the bridge stands with its figures, light even in the dark", async ({
  pageOf,
}) => {
  const rosa = await pageOf("reviewer", { colorScheme: "dark" });
  await open(rosa, `/close/${lastMonth()}?entity=MODA-EU`);
  await rosa.emulateMedia({ media: "print" });
  await expect(rosa.getByRole("button")).toHaveCount(0);
  await expect(rosa.getByRole("navigation")).toHaveCount(0);
  const bridge = rosa.getByRole("table", { name: "Bridge from SCAYLE to the ERP in EUR" });
  expect((await bridge.boundingBox())?.height ?? 0).toBeGreaterThan(100);
  const ink = await rosa.locator("h1").evaluate((heading) => getComputedStyle(heading).color);
  expect(ink).toMatch(/^rgb\((\d|[1-4]\d), /);
  const pdf = await rosa.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});

test("the parts of the page are found from its top, with the keyboard and on a phone", async ({ pageOf }) => {
  const petra = await pageOf("preparer");
  await open(petra, `/close/${lastMonth()}?entity=MODA-EU`);
  const index = petra.getByRole("navigation", { name: "Parts of this page" }).filter({ visible: true });
  await expect(index.getByRole("link", { name: /^Sign-off/ })).toContainText(
    /\d of \d signed|closed|suspended/,
  );
  // The preparer finds what blocks and where to sign without scrolling.
  for (const name of ["Readiness", "Sign-off"]) {
    const box = await petra.locator(`#${name.toLowerCase()}`).boundingBox();
    expect(box?.y ?? Number.NaN, name).toBeLessThan(900);
  }
  await index.getByRole("link", { name: "Months" }).focus();
  await petra.keyboard.press("Enter");
  await expect(petra.getByRole("table", { name: "Months of this entity" })).toBeVisible();
  await expect(index).toBeInViewport();
  await petra.setViewportSize(PHONE);
  await index.getByRole("link", { name: /^Checklist/ }).click();
  await expect(petra.getByRole("heading", { name: "Checklist" })).toBeInViewport();
  await expect(index).toBeInViewport();
  expect(await overhangOf(petra)).toEqual([]);
});

test("VAT, debt and lines are the same as at this moment as they are now, and no day that has not come is shown", async ({
  pageOf,
}) => {
  const petra = await pageOf("preparer");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const now = () => encodeURIComponent(new Date().toISOString());
  for (const [path, name] of [
    ["vat", "Kinds and accounts in EUR"],
    ["debt", "Debt by cause"],
  ] as const) {
    // What is read or matched between two looks makes them differ: so they are held together until they are one.
    await expect(async () => {
      await open(petra, `/close/${lastMonth()}/${path}?entity=MODA-EU`);
      const today = await petra.getByRole("table", { name }).textContent();
      await open(petra, `/close/${lastMonth()}/${path}?entity=MODA-EU&at=${now()}`);
      await expect(petra.getByText(/^This is as at /)).toBeVisible();
      expect(await petra.getByRole("table", { name }).textContent()).toBe(today);
    }).toPass({ timeout: 90_000 });
    expect(await faultsOf(petra)).toEqual([]);
  }
  await open(petra, `/close/${lastMonth()}/vat?entity=MODA-EU&at=${tomorrow}`);
  await expect(
    petra.getByText(/ has not come yet: this is the end of .*, the last day that is over\.$/),
  ).toBeVisible();
  await open(petra, `/close/${lastMonth()}/lines?entity=MODA-EU&side=erp&at=${now()}`);
  await expect(petra.getByText(/in which bucket a single line stood is not kept/)).toBeVisible();
  await expect(petra.getByRole("table", { name: "Lines" }).locator("tbody tr").first()).toBeVisible();
  await open(petra, `/close/${lastMonth()}/lines?entity=MODA-EU&at=2020-01-01`);
  await expect(petra.getByRole("table", { name: "Lines" }).locator("tbody tr")).toHaveCount(0);
});

test("a correction is approved by a second person, posted in the ERP, and read back from its ledger", async ({
  pageOf,
}) => {
  const where = `/close/${lastMonth()}?entity=MODA-EU#corrections`;
  const admin = await pageOf("admin");
  await open(admin, where);
  await admin.getByText("Accounts that corrections are booked to").click();
  const accounts = admin.getByRole("form", { name: "Accounts: Rounding differences" });
  await accounts.getByLabel("Clearing, rounding").fill("1590");
  await accounts.getByLabel("Revenue, rounding").fill("8401");
  await accounts.getByLabel("VAT, rounding").fill("1777");
  await accounts.getByRole("button", { name: /^Set the accounts/ }).click();
  await said(admin, /^The accounts are set\./);

  const petra = await pageOf("preparer");
  await open(petra, where);
  const corrections = petra.locator("#corrections");
  await corrections.getByRole("button", { name: "Propose a journal" }).first().click();
  await corrections.getByLabel("Why it is corrected so").fill("Roundings of the month.");
  await corrections
    .getByRole("form", { name: "Propose a journal" })
    .getByRole("button", { name: "Propose a journal" })
    .click();
  await said(petra, /^Proposed as journal \d+/);

  const rosa = await pageOf("reviewer");
  await open(rosa, where);
  await rosa
    .locator("#corrections")
    .getByRole("button", { name: /^Approve/ })
    .first()
    .click();
  await said(rosa, /^Approved/);

  // The same address with its mark would be no new page.
  await petra.reload();
  await whole(petra);
  await corrections
    .getByRole("button", { name: /^Post journal \d+ in / })
    .first()
    .click();
  await corrections.getByText("Technical details").first().click();
  await expect(corrections.getByRole("list").filter({ hasText: "journalLines" }).first()).toBeVisible();
  await corrections.getByRole("button", { name: /^Post journal \d+$/ }).click();
  await said(petra, /on its way|on their way/);
  await expect(async () => {
    await petra.reload();
    await whole(petra);
    await expect(corrections.getByText("Posted and read back").first()).toBeVisible();
  }).toPass(patient);
  await expect(
    corrections.getByText(/read back from its ledger: the same accounts and amounts/).first(),
  ).toBeVisible();
  expect(await faultsOf(petra)).toEqual([]);
});
