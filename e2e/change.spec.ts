import { expect, type Page } from "@playwright/test";
import { DESK, faultsOf, open, overhangOf, PHONE } from "./support/look";
import { test } from "./support/test";

// A change of settings is seen before it is made: on all orders, and saved only as it was previewed.

const form = (page: Page) => page.getByRole("form", { name: "The change" });
const save = (page: Page) => page.getByRole("button", { name: "Save the change" });
const effect = (page: Page) =>
  page.locator("section").filter({ has: page.getByRole("heading", { name: "The effect" }) });

// A preview matches every order; on a machine with other work that takes its time.
test.describe.configure({ mode: "serial", timeout: 240_000 });
const patient = { timeout: 90_000 };

const NONE = "Codes that mean “no code”, beside the empty one";
const CODE = "UST7";

async function preview(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Preview the effect" }).click();
  await expect(effect(page).getByRole("heading", { name: "Exceptions made" })).toBeVisible(patient);
}

test("the administrator sees what a change of tax codes does, saves exactly that, and takes it back", async ({
  pageOf,
}) => {
  const page = await pageOf("admin");
  await open(page, "/settings");
  await page.getByRole("link", { name: "Try a change" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Try a change");
  await page.getByLabel("Entity", { exact: true }).selectOption("MODA-EU");
  await page.getByLabel("What to change").selectOption("Codes that mean “no code”");
  await page.getByLabel(NONE).fill(CODE);
  await expect(page).toHaveURL(/change=none-tax-codes&taxCodes=UST7/);
  await expect(save(page)).toBeDisabled();

  await preview(page);
  await expect(effect(page)).toContainText(
    /makes [\d,]+ exceptions? over [\d,.]+ EUR, loses [\d,]+ match(es)?\./i,
  );
  const made = effect(page).getByRole("table", { name: "Exceptions made, SCAYLE − ERP" });
  await expect(made.getByRole("row").filter({ hasText: "Tax code missing" })).toHaveCount(1);
  await expect(
    effect(page)
      .getByRole("definition")
      .filter({ hasText: /[\d,]+ lost/ }),
  ).toBeVisible();
  await expect(effect(page).locator('a[href^="/orders?q="]')).not.toHaveCount(0);
  await expect(save(page)).toBeEnabled();

  // Another change than the one previewed can't be saved; going back to it can.
  await page.getByLabel(NONE).fill(`${CODE}, UST19`);
  await expect(save(page)).toBeDisabled();
  await expect(form(page)).toContainText("The values are not those of the preview any more");
  await expect(effect(page)).toHaveCount(0);
  await page.getByLabel(NONE).fill(CODE);
  await expect(save(page)).toBeEnabled();
  await save(page).click();
  await expect(effect(page)).toContainText("the reconciliation with it is done", patient);
  await expect(effect(page).getByRole("link", { name: "Open the exceptions" })).toBeVisible();

  // What is in force now fills the form.
  await open(page, "/settings/change?entity=MODA-EU&change=none-tax-codes");
  await expect(page.getByLabel(NONE)).toHaveValue(CODE);
  await page.getByLabel(NONE).fill("");
  await preview(page);
  await expect(effect(page)).toContainText(/Clears [\d,]+ exceptions? over .*, loses no match\./);
  await save(page).click();
  await expect(effect(page)).toContainText("the reconciliation with it is done", patient);

  await open(page, "/audit?chain=MODA-EU&q=settings.none-tax-codes");
  await expect(page.getByRole("table").getByRole("row").nth(1)).toContainText("Alex Admin");
});

test("two tabs: what was previewed before somebody else saved is refused in words", async ({ pageOf }) => {
  const [one, other] = [await pageOf("admin"), await pageOf("admin")];
  for (const page of [one, other]) {
    await open(page, "/settings/change?entity=MODA-UK&change=posting-lag");
    await page.getByLabel("Hours until the ERP has posted").fill(page === one ? "71" : "70");
    await page.getByRole("button", { name: "Preview the effect" }).click();
    await expect(save(page)).toBeEnabled(patient);
  }
  await save(one).click();
  await expect(effect(one)).toContainText("the reconciliation with it is done", patient);
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
  // A machine that is busy may have the page loaded anew meanwhile: it is asked again.
  await expect(async () => {
    await hours.press("Enter");
    await expect(save(page)).toBeEnabled({ timeout: 40_000 });
  }).toPass({ timeout: 130_000 });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(save(page)).toBeFocused();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the page of a change is readable on a desk and on a phone, ${colorScheme}`, async ({ pageOf }) => {
    const page = await pageOf("admin", { colorScheme });
    await open(page, `/settings/change?entity=MODA-EU&change=none-tax-codes&taxCodes=${CODE}`);
    await preview(page);
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      expect(await faultsOf(page)).toEqual([]);
      expect(await overhangOf(page)).toEqual([]);
    }
  });
}
