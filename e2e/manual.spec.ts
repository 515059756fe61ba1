import { expect } from "@playwright/test";
import { faultsOf, open, overhangOf, PHONE } from "./support/look";
import { everybody } from "./support/people";
import { test } from "./support/test";

test("the operating manual follows what is set, at once", async ({ pageOf }) => {
  const admin = await pageOf("admin");
  await open(admin, "/manual");
  const cause = admin.getByRole("region", { name: "Price wrong" });
  await expect(cause).toContainText("Finance (everywhere)");
  await expect(cause).not.toContainText("MODA-UK");

  await open(admin, "/settings/ownership");
  await admin.getByLabel("Cause", { exact: true }).selectOption("Price wrong");
  await admin.getByLabel("Entity", { exact: true }).selectOption("MODA-UK");
  await admin.getByLabel("Team", { exact: true }).selectOption("Operations");
  await admin.getByRole("button", { name: "Save the owner", exact: true }).click();
  await expect(admin.getByRole("status").filter({ hasText: "Saved" })).toBeVisible({ timeout: 20_000 });
  const reviewer = await pageOf("reviewer");
  await open(reviewer, "/manual");
  await expect(reviewer.getByRole("region", { name: "Price wrong" })).toContainText("Operations (MODA-UK)");
  expect(await faultsOf(reviewer)).toEqual([]);

  // As it was, for those who come after.
  const row = admin
    .getByRole("table", { name: "Who owns which cause" })
    .getByRole("row", { name: /Price wrong.*MODA-UK/ });
  await row.getByRole("button", { name: /^Remove/ }).click();
  await expect(admin.getByRole("status").filter({ hasText: "Removed." })).toBeVisible({ timeout: 20_000 });
  await open(reviewer, "/manual");
  await expect(reviewer.getByRole("region", { name: "Price wrong" })).not.toContainText("MODA-UK");
});

test("everybody reads it, and it holds no figure of the books", async ({ pageOf }) => {
  for (const who of everybody) {
    const page = await pageOf(who);
    await open(page, "/manual");
    for (const title of [
      "Where each record lives, and who owns it",
      "Causes: what they are and what to do",
      "Glossary",
    ])
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
    await expect(page.getByRole("table", { name: "Intervals in force" })).toContainText("min");
    // The one amount is the example that a cause is explained with.
    const amounts = (await page.getByRole("main").textContent())?.match(/\d+\.\d\d EUR/g) ?? [];
    expect([...new Set(amounts)]).toEqual(["39.98 EUR"]);
  }
});

test("on a phone it does not move sideways", async ({ pageOf }) => {
  const page = await pageOf("service", { viewport: PHONE });
  await open(page, "/manual");
  expect(await overhangOf(page)).toEqual([]);
});
