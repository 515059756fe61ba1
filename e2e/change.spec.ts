import { expect, type Page } from "@playwright/test";
import { DESK, faultsOf, open, overhangOf, PHONE } from "./support/look";
import { test } from "./support/test";

// A change of settings is seen before it is made: on all orders, and saved only as it was previewed.

const form = (page: Page) => page.getByRole("form", { name: "The change" });
const save = (page: Page) => page.getByRole("button", { name: "Save the change" });
const effect = (page: Page) =>
  page.locator("section").filter({ has: page.getByRole("heading", { name: "The effect" }) });

/** The address of a change that says a tax code, as the list of what is in force has it first, is no longer right. */
async function pickFirst(page: Page): Promise<string> {
  await open(page, "/settings/change?entity=MODA-EU");
  const row = page.getByRole("table", { name: "Tax codes in force" }).getByRole("row").nth(1);
  await expect(row).toContainText("Right");
  await row.getByRole("button", { name: /^No longer right/ }).click();
  await expect(page).toHaveURL(/change=tax-code.*taxCode=.+right=no/);
  return page.url();
}

async function preview(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Preview the effect" }).click();
  await expect(
    effect(page)
      .getByRole("table", { name: /^Exceptions (cleared|made)/ })
      .first(),
  ).toBeVisible({
    timeout: 45_000,
  });
}

test("the administrator sees what a change does, saves exactly that, and takes it back", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, "/settings?entity=MODA-EU");
  await page.getByRole("link", { name: "Try a change" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Try a change");
  const address = await pickFirst(page);
  await expect(save(page)).toBeDisabled();

  await preview(page);
  const made = effect(page).getByRole("table", { name: "Exceptions made, SCAYLE − ERP" });
  await expect(made.getByRole("row").filter({ hasText: /tax code/i })).not.toHaveCount(0);
  const sentence = await effect(page).getByRole("status").first().textContent();
  expect(sentence).toMatch(/makes [\d,]+ exceptions? over [\d,.]+ [A-Z]{3}/i);
  await expect(save(page)).toBeEnabled();

  // Another change than the one previewed can't be saved; going back to it can.
  await form(page).getByLabel("This code is").selectOption("right there");
  await expect(save(page)).toBeDisabled();
  await expect(form(page)).toContainText("The values are not those of the preview any more");
  await expect(effect(page)).toHaveCount(0);
  await form(page).getByLabel("This code is").selectOption("not right there");
  await expect(save(page)).toBeEnabled();

  // The address alone brings the same change back, to be previewed anew.
  await open(page, address);
  await expect(form(page).getByLabel("This code is")).toHaveValue("no");
  await expect(save(page)).toBeDisabled();
  await preview(page);
  await save(page).click();
  await expect(effect(page)).toContainText("the reconciliation with it is done", { timeout: 45_000 });
  await expect(effect(page).getByRole("link", { name: "Open the exceptions" })).toBeVisible();
  const row = page.getByRole("table", { name: "Tax codes in force" }).getByRole("row").nth(1);
  await expect(row).toContainText("Not right");

  await row.getByRole("button", { name: /^Make it right/ }).click();
  await preview(page);
  await expect(effect(page).getByRole("status").first()).toContainText(/clears [\d,]+ exceptions?/i);
  await expect(effect(page).getByRole("table", { name: /^Exceptions made/ })).toHaveCount(0);
  await save(page).click();
  await expect(effect(page)).toContainText("the reconciliation with it is done", { timeout: 45_000 });
  await expect(row).toContainText("Right");

  await open(page, "/audit?chain=MODA-EU&q=settings.tax-code");
  await expect(page.getByRole("table").getByRole("row").nth(1)).toContainText("Alex Admin");
});

test("two tabs: what was previewed before somebody else saved is refused in words", async ({ pageOf }) => {
  const [one, other] = [await pageOf("admin"), await pageOf("admin")];
  for (const page of [one, other]) {
    await open(page, "/settings/change?entity=MODA-UK&change=posting-lag");
    await page.getByLabel("Hours until the ERP has posted").fill(page === one ? "71" : "70");
    await page.getByRole("button", { name: "Preview the effect" }).click();
    await expect(save(page)).toBeEnabled({ timeout: 45_000 });
  }
  await save(one).click();
  await expect(effect(one)).toContainText("the reconciliation with it is done", { timeout: 45_000 });
  await save(other).click();
  await expect(form(other)).toContainText("The preview no longer holds", { timeout: 20_000 });
  await open(other, "/settings/change?entity=MODA-UK&change=posting-lag");
  await expect(other.getByLabel("Hours until the ERP has posted")).toHaveValue("71");
});

test("the auditor sees what is in force and can neither preview nor save", async ({ pageOf }) => {
  const page = await pageOf("auditor");
  await open(page, "/settings/change?entity=MODA-EU");
  await expect(page.getByText("You may not change the settings.")).toBeVisible();
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
  await expect(page.getByLabel("Ships to")).toBeDisabled();
  await page.getByLabel("What to change").selectOption("How long the ERP needs to post");
  await expect(page.getByLabel("Hours until the ERP has posted")).toBeDisabled();
});

test("what can't be read is said at its field, and by keyboard alone a change is previewed", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, "/settings/change?entity=MODA-EU&change=posting-lag");
  const hours = page.getByLabel("Hours until the ERP has posted");
  await hours.fill("two");
  await hours.press("Enter");
  await expect(page.getByText("Whole hours, from 0 to 2160.")).toBeVisible();
  await expect(hours).toHaveAttribute("aria-invalid", "true");
  await hours.fill("0");
  await hours.press("Enter");
  await expect(save(page)).toBeEnabled({ timeout: 45_000 });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(save(page)).toBeFocused();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the page of a change is readable on a desk and on a phone, ${colorScheme}`, async ({ pageOf }) => {
    const page = await pageOf("admin", { colorScheme });
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      await pickFirst(page);
      await preview(page);
      expect(await faultsOf(page)).toEqual([]);
      expect(await overhangOf(page)).toEqual([]);
    }
  });
}
