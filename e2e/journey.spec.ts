import { expect, type Page } from "@playwright/test";
import { amountText, type Exceptions, type Summaries, tieout } from "./support/command-line";
import { open, whole } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

// The way that the console is made for: from the month's figures to one difference, to whoever works on it, to its
// order, and back to agreement with the sources. Each figure is held against what the command line says.

const month = lastMonth();
const list = ["exceptions", "--period", month, "--entity", "MODA-EU", "--state", "all"];

test.describe.configure({ mode: "serial" });

test("the tie-out strip, the bridge and the causes say what the command line says", async ({ pageOf }) => {
  const { summaries } = tieout<Summaries>("summary", "--period", month);
  const page = await pageOf("preparer");
  for (const { entity, currency, scayle, erp, unexplained, causes, tiesOut } of summaries) {
    await open(page, `/close/${month}?entity=${entity}`);
    const strip = page.getByRole("region", { name: `Tie-out in ${currency}` });
    const explained = causes.reduce((sum, { gross }) => sum + BigInt(gross), 0n);
    await expect(strip.getByRole("link")).toHaveText([
      `SCAYLE${amountText(scayle.gross)}`,
      `explained${amountText(explained)}`,
      `unexplained${amountText(unexplained.gross)}`,
      `ERP${amountText(erp.gross)}`,
    ]);
    expect(BigInt(scayle.gross) - explained - BigInt(unexplained.gross)).toBe(BigInt(erp.gross));
    await expect(strip).toContainText(tiesOut ? "Ties out" : "Does not tie out");
    const table = page.getByRole("table", { name: `What lies between SCAYLE and the ERP, in ${currency}` });
    for (const { cause, count, net, tax, gross } of causes) {
      // What could not be read is counted, and has no amount.
      const isRead = cause !== "record-failed";
      const amounts = [net, tax, gross].map((amount) => (isRead ? amountText(amount, true) : "–"));
      const row = table.getByRole("row").filter({ hasText: [count, ...amounts].join("") });
      await expect(row, `${entity}: ${count} × ${amounts.join(", ")}`).not.toHaveCount(0);
    }
    await expect(table.getByRole("row")).toHaveCount(causes.length + 4);
  }
});

test("from the strip to a cause, to an exception: both sides, the recomputation, then to whoever works on it", async ({
  pageOf,
}) => {
  const { exceptions } = tieout<Exceptions>(...list, "--cause", "price-wrong");
  const [truth] = exceptions;
  if (!truth?.order) throw new Error("the sandbox plants one wrong price with an order each month");
  const page = await pageOf("preparer");
  await open(page, `/close/${month}?entity=MODA-EU`);
  await page
    .getByRole("region", { name: "Tie-out in EUR" })
    .getByRole("link", { name: /^explained/ })
    .click();
  await expect(page).toHaveURL(/#causes-EUR$/);
  await page.getByRole("link", { name: "Price wrong" }).first().click();
  await expect(page).toHaveURL(/\/exceptions\?.*cause=price-wrong/);
  const table = page.getByRole("table", { name: "Exceptions" });
  await expect(table.locator("tbody").getByRole("row")).toHaveCount(exceptions.length);
  await expect(
    page.getByText(exceptions.length === 1 ? "1 exception" : `${exceptions.length} exceptions`),
  ).toBeVisible();

  await table.getByRole("link", { name: `Price wrong, order ${truth.order}: open` }).click();
  const record = page.getByRole("complementary", { name: "Selected record" });
  await expect(record.getByText(truth.explanation).first()).toBeVisible();
  await expect(record.getByText(truth.resolution)).toBeVisible();
  await record.getByRole("link", { name: "Open as page" }).click();
  await expect(page).toHaveURL(`/exceptions/${truth.id}`);
  await whole(page);

  const sides = page.getByRole("table", { name: "Both sides, line by line, in EUR" });
  await expect(sides.getByRole("cell", { name: "SCAYLE", exact: true })).not.toHaveCount(0);
  await expect(sides.getByRole("cell", { name: "ERP", exact: true })).not.toHaveCount(0);
  await expect(sides.getByRole("cell", { name: /^differs:/ })).not.toHaveCount(0);
  await expect(sides.getByRole("row", { name: /^Difference/ }).first()).toContainText(
    amountText(truth.gross, true),
  );
  expect(truth.evidence.steps.length).toBeGreaterThan(0);
  for (const step of truth.evidence.steps) await expect(page.getByText(step, { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Assign…", exact: true }).click();
  await page.getByLabel("Assignee").selectOption("Rosa Reviewer");
  await page.getByLabel("Due").fill("2030-01-15");
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await said(page, "Assigned.");
  await expect(page.getByRole("definition").filter({ hasText: "Rosa Reviewer" })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "15 Jan 2030" })).toBeVisible();
  await page.getByLabel("Comment").fill("Asked the ERP team for the price list of that day.");
  await page.getByRole("button", { name: "Add comment" }).click();
  await said(page, "Comment added.");
  const history = page.getByRole("list", { name: "What happened to this exception" });
  await expect(history.getByRole("listitem").filter({ hasText: "Assigned" }).first()).toContainText(
    "Petra Preparer",
  );
  await expect(
    history.getByRole("listitem").filter({ hasText: "price list of that day" }).first(),
  ).toContainText("Petra Preparer");
  await expect(page.getByLabel("Comment")).toHaveValue("");
});

test("whom it was given to finds it under “Mine”, opens its order and resyncs it: it is said and kept", async ({
  pageOf,
}) => {
  const [truth] = tieout<Exceptions>(...list, "--cause", "price-wrong").exceptions;
  const page = await pageOf("reviewer");
  await open(page, `/exceptions?entity=MODA-EU&period=${month}`);
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /^Mine/ }).click();
  await expect(page).toHaveURL(/assignee=me/);
  await page.getByRole("link", { name: `Price wrong, order ${truth?.order}: open` }).click();
  const record = page.getByRole("complementary", { name: "Selected record" });
  await record
    .getByRole("definition")
    .getByRole("link", { name: truth?.order ?? "" })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${truth?.order}`);
  const exceptions = page.getByRole("list", { name: "Exceptions of this order" });
  await expect(exceptions.getByRole("link", { name: "Price wrong" })).toBeVisible();
  await expect(exceptions).toContainText("Rosa Reviewer works on it");
  for (const { number } of truth?.evidence.documents ?? [])
    await expect(page.getByRole("table", { name: "Documents of both sides" })).toContainText(number ?? "");

  await page.getByRole("button", { name: "Resync this order" }).click();
  await said(page, "Read again: nothing changed.");
  await expect(page.getByRole("status").filter({ hasText: /^Nothing changed$/ })).toBeVisible();
  await expect(page.getByRole("list", { name: "What happened to this order" })).toContainText(
    "Price wrong: assigned by Petra Preparer",
  );

  await open(page, "/audit?chain=MODA-EU&q=record.resync");
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText(/^The chain held: [\d,]+ events/)).toBeVisible();
  const event = page.getByRole("table").getByRole("row").nth(1);
  await expect(event).toContainText("Rosa Reviewer");
  await expect(event).toContainText(`reference: ${truth?.order}`);
  await open(page, `/audit?chain=MODA-EU&q=exception.assign`);
  await expect(page.getByRole("table").getByRole("row").nth(1)).toContainText("Petra Preparer");
});

test("who assigns what somebody else has just assigned is told so, and overwrites nothing", async ({
  pageOf,
}) => {
  const [truth] = tieout<Exceptions>(...list, "--cause", "quantity-wrong").exceptions;
  const [one, other] = [await pageOf("preparer"), await pageOf("admin")];
  for (const page of [one, other]) await open(page, `/exceptions/${truth?.id}`);
  await assignTo(one, "Ralf Reviewer");
  await said(one, "Assigned.");
  await assignTo(other, "Omar Operations");
  await said(other, "Petra Preparer changed this exception while you were looking at it: assigned it");
  await open(other, `/exceptions/${truth?.id}`);
  await expect(other.getByRole("definition").filter({ hasText: "Ralf Reviewer" })).toBeVisible();
});

test("the auditor leaves an annotation, which is all that they may", async ({ pageOf }) => {
  const [truth] = tieout<Exceptions>(...list, "--cause", "tax-code-missing").exceptions;
  const page = await pageOf("auditor");
  await open(page, `/exceptions/${truth?.id}`);
  await expect(page.getByRole("main").getByRole("button")).toHaveText(["Add comment"]);
  await page.getByLabel("Comment").fill("Seen in the sample of the year.");
  await page.getByRole("button", { name: "Add comment" }).click();
  await said(page, "Comment added.");
  const history = page.getByRole("list", { name: "What happened to this exception" });
  await expect(history.getByRole("listitem").first()).toContainText(/Ada Auditor.*Seen in the sample/s);
  await page.getByRole("link", { name: "Open the order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Order ${truth?.order}`);
  // What may be said can be copied; nothing can be done.
  await expect(page.getByRole("main").getByRole("button")).toHaveText(["Copy"]);
});

test("operations syncs all feeds, finance reconciles the month, and the runs are there to be opened", async ({
  pageOf,
}) => {
  const operations = await pageOf("operations");
  await open(operations, "/feeds?entity=MODA-EU");
  await operations.getByRole("button", { name: "Sync now", exact: true }).click();
  await expect(operations.getByRole("button", { name: "Syncing…" }).first()).toBeDisabled();
  await said(operations, "Sync now: done.", 45_000);
  const runs = operations.getByRole("table", { name: "Runs, newest first" });
  // What changed is reconciled by itself right after, which is a run too.
  const mine = runs.getByRole("row").filter({ hasText: "Omar Operations" }).first();
  await expect(mine).toContainText(/^Sync.*Done.*Omar Operations$/s);
  await runs.getByRole("link", { name: "Sync" }).first().click();
  await expect(operations.getByRole("heading", { level: 1 })).toHaveText(/^Sync of /);
  await expect(operations.getByRole("definition").filter({ hasText: /^Done/ })).toBeVisible();

  const preparer = await pageOf("preparer");
  await open(preparer, `/close/${month}?entity=MODA-EU`);
  const strip = preparer.getByRole("region", { name: "Tie-out in EUR" });
  const before = await strip.textContent();
  await preparer.getByRole("button", { name: "Reconcile now" }).click();
  await said(preparer, "Reconcile now: done.", 45_000);
  await expect(strip).toHaveText(before ?? "");
  await open(preparer, "/feeds?entity=MODA-EU");
  const row = preparer.getByRole("table", { name: "Runs, newest first" }).getByRole("row").nth(1);
  await expect(row).toContainText(/^ReconciliationMODA-EU.*Done.*Petra Preparer$/s);
  await row.getByRole("link", { name: "Reconciliation" }).click();
  await expect(preparer.getByRole("heading", { level: 1 })).toHaveText("Reconciliation of MODA-EU");
  await expect(preparer.getByRole("definition").filter({ hasText: month })).not.toHaveCount(0);
});

async function assignTo(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Assign…", exact: true }).click();
  await page.getByLabel("Assignee").selectOption(name);
  await page.getByRole("button", { name: "Assign", exact: true }).click();
}

/** The sentence at the edge of the screen, which is read out too. */
async function said(page: Page, sentence: string, timeout = 20_000): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: sentence })).toBeVisible({ timeout });
}
