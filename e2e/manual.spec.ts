import { expect } from "@playwright/test";
import { faultsOf, open, overhangOf, PHONE } from "./support/look";
import { approveAsked, askForOwner, askForRemoval } from "./support/owners";
import { everybody } from "./support/people";
import { test } from "./support/test";

test("the operating manual follows what is set, at once", async ({ pageOf }) => {
  const admin = await pageOf("admin");
  await open(admin, "/manual");
  const cause = admin.getByRole("region", { name: "Price wrong" });
  await expect(cause).toContainText("Finance (everywhere)");
  await expect(cause).not.toContainText("MODA-UK");

  const reviewer = await pageOf("reviewer");
  await askForOwner(admin, "Operations");
  await approveAsked(admin, reviewer);
  await open(reviewer, "/manual");
  await expect(reviewer.getByRole("region", { name: "Price wrong" })).toContainText("Operations (MODA-UK)");
  expect(await faultsOf(reviewer)).toEqual([]);

  // As it was, for those who come after.
  await askForRemoval(admin);
  await approveAsked(admin, reviewer);
  await open(reviewer, "/manual");
  await expect(reviewer.getByRole("region", { name: "Price wrong" })).not.toContainText("MODA-UK");
});

test("a changed interval is in it at once, with who set it and why; alerts say what to do", async ({
  pageOf,
}) => {
  const FEED = "MODA-UK/business-central/documents";
  const admin = await pageOf("admin");
  const set = async (minutes: string, why: string) => {
    await open(admin, `/feeds/feed?id=${encodeURIComponent(FEED)}`);
    await admin.getByLabel("Interval (min)").fill(minutes);
    await admin.getByLabel("Why").fill(why);
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await expect(
      admin.getByRole("definition").filter({ hasText: new RegExp(`^${minutes} min$`) }),
    ).toBeVisible({
      timeout: 20_000,
    });
  };
  await set("45", "The ERP is read less at night.");
  const reviewer = await pageOf("reviewer");
  await open(reviewer, "/manual");
  const row = reviewer
    .getByRole("table", { name: "Intervals in force" })
    .getByRole("row", { name: /^Sales invoices and credit memos.*MODA-UK/ });
  await expect(row).toContainText("45 min");
  await expect(row).toContainText("Alex Admin: The ERP is read less at night.");
  await set("15", "As it was.");
  await open(reviewer, "/manual");
  await expect(row).toContainText("Alex Admin: As it was.");

  const alert = reviewer.getByRole("region", { name: "Alert: Large exception" });
  await expect(alert).toContainText("How to respond");
  await expect(alert).toContainText("Opens at (amount): 1,000");
  // It prints: buttons and contents stay on the screen, and so does nothing of what it says.
  await reviewer.emulateMedia({ media: "print" });
  await expect(alert).toBeVisible();
  await expect(reviewer.getByRole("button", { name: "Print" })).toBeHidden();
  await expect(reviewer.getByRole("navigation", { name: "Contents" })).toBeHidden();
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
