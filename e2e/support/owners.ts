import { expect, type Page } from "@playwright/test";
import { open } from "./look";

/** Chooses a team for “Price wrong” in MODA-UK and asks for it; ends where the request stands. */
export async function askForOwner(admin: Page, team: string): Promise<void> {
  await open(admin, "/settings/ownership");
  await admin.getByLabel("Cause", { exact: true }).selectOption("Price wrong");
  await admin.getByLabel("Entity", { exact: true }).selectOption("MODA-UK");
  await admin.getByLabel("Team", { exact: true }).selectOption(team);
  // The other form of this name is folded away.
  await admin.getByRole("button", { name: "Preview and ask for approval", exact: true }).click();
  await expect(admin).toHaveURL(/request=/, { timeout: 20_000 });
}

/** Asks that the row of “Price wrong” in MODA-UK goes; ends where the request stands. */
export async function askForRemoval(admin: Page): Promise<void> {
  await open(admin, "/settings/ownership?q=MODA-UK");
  await admin
    .getByRole("table", { name: "Who owns which cause" })
    .getByRole("row", { name: /Price wrong/ })
    .getByRole("button", { name: /^Remove/ })
    .click();
  await expect(admin).toHaveURL(/request=/, { timeout: 20_000 });
}

/** The reviewer approves what an administrator's page shows as asked for, whether or not it takes a second person. */
export async function approveAsked(admin: Page, reviewer: Page): Promise<void> {
  const { pathname, search } = new URL(admin.url());
  await open(reviewer, `${pathname}${search}`);
  const approve = reviewer.getByRole("button", { name: "Approve", exact: true });
  // Where open exceptions have changed meanwhile it is previewed anew, and approved then.
  await expect(async () => {
    if ((await approve.count()) > 0) await approve.click({ timeout: 10_000 });
    await expect(approve).toHaveCount(0, { timeout: 15_000 });
  }).toPass({ timeout: 90_000 });
  await expect(reviewer.getByText(/by Rosa Reviewer/).first()).toBeVisible();
}
