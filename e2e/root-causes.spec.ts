import { expect } from "@playwright/test";
import { faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { test } from "./support/test";

// A prediction matches every order; on a machine with other work that takes its time.
test.describe.configure({ timeout: 240_000 });

test.describe("root causes", () => {
  test("a controller finds the marketplace's missing tax codes as one, and sees what the fix would do", async ({
    pageOf,
  }) => {
    const page = await pageOf("reviewer");
    await open(page, "/exceptions");
    await page.getByRole("link", { name: "Root causes" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Root causes");
    const card = page
      .getByRole("listitem")
      .filter({ has: page.getByRole("heading", { name: "Tax code missing" }) })
      .first();
    await expect(card).toContainText("marketplace");
    const count = Number(
      ((await card.getByRole("link", { name: /^Its [\d,]+ exceptions/ }).textContent()) ?? "")
        .replaceAll(",", "")
        .replace(/\D+(\d+).*/s, "$1"),
    );
    expect(count).toBeGreaterThanOrEqual(300);
    expect(await faultsOf(page)).toEqual([]);

    await card.getByRole("heading").getByRole("link").click();
    await whole(page);
    await expect(page.getByRole("heading", { name: "What they have in common" })).toBeVisible();
    await expect(
      page.getByText(/affected (sales|credits|sales and credits|credits and sales) have channel marketplace/),
    ).toBeVisible();
    await page.getByRole("button", { name: /See what the fix would do|Compute it again/ }).click();
    await expect(
      page.getByText(/^Clears (all )?[\d,]+ (of its [\d,]+ )?exceptions over .* loses no match\.$/),
    ).toBeVisible({ timeout: 90_000 });
    const effect = page.getByRole("table", { name: "What would become of its exceptions" });
    const countOf = async (what: string) =>
      Number(
        (
          (await effect
            .getByRole("row", { name: new RegExp(`^${what}`) })
            .getByRole("cell")
            .nth(1)
            .textContent()) ?? ""
        ).replaceAll(",", ""),
      );
    // One unit: what is cleared and what is left are all of them.
    expect((await countOf("Cleared")) + (await countOf("Left to people"))).toBe(count);
    expect(await countOf("Cleared")).toBeGreaterThanOrEqual(300);
    expect(await countOf("Matches lost")).toBe(0);
    await expect(page.getByText("No order that agrees now is touched.")).toBeVisible();
    expect(await faultsOf(page)).toEqual([]);

    // The card says it in the list, too, and as of when.
    await open(page, "/exceptions/causes");
    await expect(card).toContainText(/What it would do: Clears .* loses no match\./);
    await expect(card).toContainText(/As of /);
    await card.getByRole("heading").getByRole("link").click();
    await whole(page);
    await page.getByRole("link", { name: /^Open its [\d,]+ exceptions$/ }).click();
    await expect(page.getByText("Only the exceptions of one root cause.")).toBeVisible();
    await expect(page.getByText(`${count.toLocaleString("en")} exceptions`).first()).toBeVisible();
  });

  test("fit a phone", async ({ pageOf }) => {
    const page = await pageOf("reviewer", { viewport: PHONE });
    await open(page, "/exceptions/causes");
    expect(await overhangOf(page)).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("listitem").getByRole("heading").getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: /^(The one fix|What puts it right)$/ })).toBeVisible();
    await whole(page);
    expect(await overhangOf(page)).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});
