import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Goes to a page and waits until it is whole: what streams in late has taken the place of its skeleton. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await whole(page);
}

/** Waits until nothing on the page is still on its way, and its buttons do what they say: a click before that would be lost. */
export async function whole(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
  // React marks each element that it has taken over from what the server sent.
  await page.waitForFunction(() =>
    [...document.querySelectorAll("h1, main button")].every((element) =>
      Object.keys(element).some((key) => key.startsWith("__react")),
    ),
  );
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** What axe holds against the page, one line for each element: empty when nothing. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  // In one go, since no page has a frame; what passes is not described.
  const { violations } = await new AxeBuilder({ page })
    .options({ runOnly: { type: "tag", values: TAGS }, resultTypes: ["violations"] })
    .setLegacyMode()
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** By how many pixels the page itself can be moved sideways, and what sticks out. */
export function overhangOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    const names = wide.slice(-3).map((element) => `${element.tagName} ${element.textContent?.slice(0, 40)}`);
    return [`${scrollWidth - clientWidth} px: ${names.join(" | ")}`];
  });
}

/** Sizes of a desk and of a phone. */
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
