import { expect } from "@playwright/test";
import { faultsOf, open } from "./support/look";
import { test } from "./support/test";

test("operations links a document to an order, sees before what that does, and takes it back", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await open(page, "/exceptions?entity=MODA-EU&cause=sale-missing-in-scayle");
  const row = page.getByRole("table", { name: "Exceptions" }).getByRole("link", { name: /open$/ }).first();
  const id = new URL((await row.getAttribute("href")) ?? "", "http://localhost").searchParams.get("selected");
  await open(page, `/exceptions/${id}`);
  const card = page
    .getByRole("region")
    .or(page.locator("section"))
    .filter({ hasText: "Where ERP documents belong" })
    .last();
  await expect(card).toContainText("is on its own.");
  await card.getByLabel("Order to link to").fill("1");
  await card.getByRole("button", { name: "Search" }).click();
  await card.getByRole("listitem").getByRole("button").first().click();
  await expect(card.getByText("This would be resolved")).toBeVisible();
  await card.getByRole("button", { name: /^Link / }).click();
  await expect(page.getByText(/is linked\. Both sides were matched again\./)).toBeVisible();

  await open(page, "/settings/pairing");
  const made = page.getByRole("table", { name: "Documents placed by hand" });
  await expect(made.getByRole("row")).toHaveCount(2);
  expect(await faultsOf(page)).toEqual([]);
  await made.getByRole("link").first().click();
  await expect(page.getByText("By hand", { exact: true })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  await open(page, "/settings/pairing");
  await made.getByRole("button", { name: /^Undo/ }).click();
  await expect(made).toHaveCount(0);
});

test("an administrator is shown what reference rules would do before they are saved; others are not asked", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, "/settings/pairing");
  const form = page.getByRole("form", { name: /^Reference rules of/ }).first();
  await form.getByLabel("Beginnings to leave out").fill("ZZZ-");
  await form.getByRole("button", { name: "Show what these would do" }).click();
  await expect(form.getByText(/would find an order$/)).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  const auditor = await pageOf("auditor");
  await open(auditor, "/settings/pairing");
  await expect(auditor.getByRole("form", { name: /^Reference rules of/ })).toHaveCount(0);
});
