import { chromium, type Page } from "@playwright/test";
import type pg from "pg";
import { addUser } from "@/lib/auth/users";
import { findChromium } from "@/lib/cli/support/chromium.mjs";
import { inTransaction } from "@/lib/db/pool";
import { fillQueue, QUEUE_ENTITY } from "./queue";
import type { Served } from "./webhooks";

/** What was seen while the list was scrolled from its first row on, in a browser of 1440 × 900. */
export type ScrollMeasured = Readonly<{
  exceptions: number;
  /** the last row that was brought into sight */
  rows: number;
  seconds: number;
  /** frames a second while it was gone through as fast as it was loaded, every frame another screen of rows */
  rushed: number;
  /** frames a second at the far end, scrolled as fast as a wheel is turned, up and down again */
  frames: number;
  /** the same in milliseconds from one frame to the next: of a hundred the fifth longest, and the longest of all */
  p95: number;
  longest: number;
  /** the most rows that were drawn at once */
  drawn: number;
}>;

const PASSWORD = "scroll-through-the-queue";
const EMAIL = "scroll@example.test";
/** So far it is rushed through from frame to frame, in pixels: more than a screen of rows. */
const STRIDE = 1000;
/** So far a wheel that is turned quickly moves it from frame to frame: 7,200 pixels a second, or 180 rows. */
const WHEEL = 120;
const MINUTES = 6;

/** Scrolls the queue of so many exceptions through 100,000 rows, or through all there are, and counts the frames. */
export async function measureScroll(
  pool: pg.Pool,
  { exceptions, seed }: Readonly<{ exceptions: number; seed: number }>,
  serve: () => Promise<Served>,
): Promise<ScrollMeasured> {
  await fillQueue(pool, { exceptions, seed });
  await inTransaction(pool, (client) =>
    addUser(client, {
      email: EMAIL,
      name: "Scroller",
      role: "operations",
      entityId: null,
      password: PASSWORD,
      demo: false,
      at: new Date(),
    }),
  );
  const served = await serve();
  const program = await findChromium();
  const browser = await chromium.launch({
    ...(program !== null && { executablePath: program }),
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: served.url });
    const { csrfToken } = await (await context.request.get("/api/auth/csrf")).json();
    await context.request.post("/api/auth/callback/credentials", {
      form: { csrfToken, email: EMAIL, password: PASSWORD, json: "true" },
    });
    const page = await context.newPage();
    // The runner of TypeScript names functions by a helper of its own, which the page lacks.
    await page.addInitScript("globalThis.__name = (one) => one");
    page.setDefaultTimeout(MINUTES * 60_000);
    await page.goto(`/exceptions?entity=${QUEUE_ENTITY}`);
    await page.getByRole("table", { name: "Exceptions" }).waitFor();
    return { exceptions, ...(await scrollThrough(page)) };
  } finally {
    await browser.close();
    await served.stop();
  }
}

/** Scrolls from frame to frame until it is told to end; in the page, so that nothing else is measured. */
const scrollThrough = (page: Page): Promise<Omit<ScrollMeasured, "exceptions">> =>
  page.evaluate(
    async ({ stride, wheel, minutes, wanted }) => {
      const box = document.querySelector<HTMLElement>('section[aria-label="Exceptions"]');
      if (!box) throw new Error("There is no list to scroll.");
      const started = performance.now();
      let [drawn, rows, still] = [0, 0, 0];
      const frames = async (by: (at: number) => number, isOver: () => boolean) => {
        const gaps: number[] = [];
        let before = await new Promise<number>(requestAnimationFrame);
        while (!isOver()) {
          box.scrollTop += by(gaps.length);
          const now = await new Promise<number>(requestAnimationFrame);
          gaps.push(now - before);
          before = now;
          const seen = box.querySelectorAll<HTMLElement>("tr[data-index]");
          drawn = Math.max(drawn, seen.length);
          const last = Number(seen[seen.length - 1]?.dataset["index"] ?? 0) + 1;
          still = last > rows ? 0 : still + 1;
          rows = Math.max(rows, last);
        }
        return gaps;
      };
      const rate = (gaps: readonly number[]) =>
        (gaps.length * 1000) / gaps.reduce((sum, gap) => sum + gap, 0);
      // Long without a further row: that is the end, or it is stuck.
      const rushed = await frames(
        () => stride,
        () => rows >= wanted || still > 600 || performance.now() - started > minutes * 60_000,
      );
      const seconds = (performance.now() - started) / 1000;
      const until = performance.now() + 20_000;
      const steady = await frames(
        (at) => (Math.floor(at / 300) % 2 === 0 ? -wheel : wheel),
        () => performance.now() > until,
      );
      const sorted = [...steady].sort((a, b) => a - b);
      return {
        rows,
        seconds,
        rushed: rate(rushed),
        frames: rate(steady),
        p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
        longest: sorted.at(-1) ?? 0,
        drawn,
      };
    },
    { stride: STRIDE, wheel: WHEEL, minutes: MINUTES, wanted: 100_000 },
  );
