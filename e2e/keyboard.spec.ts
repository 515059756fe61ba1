import { expect, type Page } from "@playwright/test";
import { open } from "./support/look";
import { lastMonth } from "./support/month";
import { test } from "./support/test";

const list = `/exceptions?entity=MODA-EU&period=${lastMonth()}`;

test("the first Tab offers to skip to the content, and Enter goes there", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, list);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  expect((await skip.boundingBox())?.width).toBeGreaterThan(50);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("a row is reached with Tab and opened with Enter, the focus to be seen all the way", async ({
  pageOf,
}) => {
  const page = await pageOf("preparer");
  await open(page, list);
  const faults: string[] = [];
  const name = await tabUntil(page, /: open$/, faults);
  expect(faults).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]selected=/);
  const record = page.getByRole("complementary", { name: "Selected record" });
  await expect(record.getByRole("heading", { level: 2 }).first()).toContainText(name.split(",")[0] ?? "");
  await tabUntil(page, /^Close the record$/, faults);
  await page.keyboard.press("Enter");
  await expect(record).toHaveCount(0);
  await expect(page).not.toHaveURL(/selected=/);
});

test("everything of one exception is reached with Tab, the focus to be seen all the way", async ({
  pageOf,
  addresses,
}) => {
  const page = await pageOf("preparer");
  await open(page, addresses.exception);
  const faults: string[] = [];
  for (const name of [
    /^Resync this order$/,
    /^Start work$/,
    /^Assign to me$/,
    /^Assign…$/,
    /^Comment$/,
    /^Add comment$/,
  ])
    await tabUntil(page, name, faults);
  expect(faults).toEqual([]);
});

test("Escape closes the account's menu and gives the focus back to its button", async ({ pageOf }) => {
  const page = await pageOf("preparer");
  await open(page, "/orders");
  const button = page.getByRole("button", { name: "Account of Petra Preparer" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Sign out" })).toHaveCount(0);
  await expect(button).toBeFocused();
});

test("the order search has the focus when the page opens, and Enter searches", async ({ pageOf }) => {
  const page = await pageOf("service");
  await open(page, "/orders");
  await expect(page.getByLabel("Find an order")).toBeFocused();
  await page.keyboard.type("nothing goes by this");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing goes by “nothing goes by this”.")).toBeVisible();
});

/** Presses Tab until the focus is on what has that name; notes each stop at which the focus can't be seen. */
async function tabUntil(page: Page, name: RegExp, faults: string[]): Promise<string> {
  const stops: string[] = [];
  // A page of the list has 50 rows with two stops each, besides the filters and the frame.
  while (stops.length < 160) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(focusNow);
    stops.push(stop.name);
    if (!stop.ringed) faults.push(`no ring: ${stop.name}`);
    if (!stop.uncovered) faults.push(`covered: ${stop.name}`);
    if (name.test(stop.name)) return stop.name;
  }
  throw new Error(`Tab does not reach ${name}; it passed ${stops.join(" | ")}`);
}

/** In the page: what has the focus, whether a ring is drawn around it, and whether any of it lies on top. */
function focusNow() {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement)) return { name: "nothing", ringed: false, uncovered: false };
  const labels = "labels" in element ? [...(element.labels as NodeListOf<HTMLLabelElement>)] : [];
  const label = element.getAttribute("aria-label") ?? labels[0]?.textContent ?? element.textContent ?? "";
  const style = getComputedStyle(element);
  const isRinged = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
  // A part inside of the browser's own control has the focus, and a ring of the browser's own.
  const isWithin = !element.matches(":focus-visible") && element.matches("input[type=date]");
  const { left, top, width, height } = element.getBoundingClientRect();
  const parts = [0.05, 0.5, 0.95];
  const uncovered = parts.some((across) =>
    parts.some((down) => {
      const hit = document.elementFromPoint(left + width * across, top + height * down);
      return hit !== null && (element.contains(hit) || hit.contains(element));
    }),
  );
  return {
    name: label.trim(),
    ringed: isRinged || isWithin,
    uncovered,
  };
}
