import { expect } from "@playwright/test";
import { type Exceptions, tieout } from "./support/command-line";
import { faultsOf, open, overhangOf, PHONE } from "./support/look";
import { test } from "./support/test";

// An order stands still because SCAYLE was not told that it never leaves: operations sees it, tells SCAYLE, and it is closed by
// what is read back.
test.describe.configure({ mode: "serial", timeout: 240_000 });
const patient = { timeout: 120_000 };

const drifts = () => tieout<Exceptions>("exceptions", "--cause", "status-drift").exceptions;

function cancelled(): Exceptions["exceptions"][number] {
  const found = drifts().find((one) => one.explanation.includes("was not told that it never leaves"));
  if (!found) throw new Error("the sandbox has orders whose cancellation SCAYLE was not told of");
  return found;
}

test("operations sees what each step takes, what is late and what is stuck", async ({ pageOf }) => {
  const page = await pageOf("operations");
  await open(page, "/feeds");
  await page.getByRole("link", { name: "Order status", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Order status" })).toBeVisible();
  // A shop of which something is stuck says so on its tab.
  await page
    .getByRole("link", { name: /\d+ stuck$/ })
    .first()
    .click();
  const table = page.getByRole("table", { name: /^Steps of an order in / }).first();
  await expect(table.getByRole("row", { name: /confirmed → delegated/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /^delegated → first parcel shipped/ })).toContainText(
    "measured",
  );
  expect(await faultsOf(page)).toEqual([]);
  const stuck = page.getByRole("link", { name: /^\d+ stuck: / }).first();
  await stuck.click();
  await expect(page.getByRole("table", { name: "Orders, those that wait longest first" })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  const phone = await pageOf("operations", { viewport: PHONE });
  await open(phone, "/feeds/status");
  await expect(phone.getByRole("heading", { name: "Order status" })).toBeVisible();
  expect(await overhangOf(phone)).toEqual([]);
});

test("operations tells SCAYLE what it was not told, and the exception closes by what is read back", async ({
  pageOf,
}) => {
  const truth = cancelled();
  const page = await pageOf("operations");
  await open(page, `/exceptions/${truth.id}`);
  await expect(page.getByText("was not told that it never leaves").first()).toBeVisible();
  await expect(page.getByText("will not be delivered: the ERP took").first()).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  const alone = page.getByRole("button", { name: "Tell SCAYLE", exact: true });
  const asking = page.getByRole("button", { name: "Ask to: tell SCAYLE", exact: true });
  await expect(alone.or(asking)).toBeVisible();
  if (await alone.isVisible()) await alone.click();
  else {
    await asking.click();
    await expect(page.getByText("Waits for approval").first()).toBeVisible(patient);
    const reviewer = await pageOf("reviewer");
    await open(reviewer, `/exceptions/${truth.id}`);
    await reviewer.getByRole("button", { name: "Approve and send" }).click();
  }
  await expect(page.getByText("Done and proved").first()).toBeVisible(patient);
  await expect(page.getByText("The items stand as cancelled in SCAYLE.").first()).toBeVisible();
  expect(drifts().map((one) => one.id)).not.toContain(truth.id);
});
