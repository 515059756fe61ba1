import { expect } from "@playwright/test";
import { faultsOf, open } from "./support/look";
import { test } from "./support/test";

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
