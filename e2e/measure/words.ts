import { table } from "@/lib/cli/commands/shell";
import { share } from "../support/status-score";
import type { CloseMeasured } from "./close";
import type { PullMeasured } from "./pull";
import type { QueueMeasured } from "./queue";
import type { ResyncMeasured } from "./resync";
import type { RootCausesMeasured } from "./root-causes";
import type { ScrollMeasured } from "./scroll";
import type { SearchMeasured } from "./search";
import type { StatusMeasured } from "./status";
import type { WebhooksMeasured } from "./webhooks";

/** What was measured, for people; `holds` where nothing is lost and all is as at the source. */
export type Said = Readonly<{ lines: readonly string[]; holds: boolean }>;

const WEBHOOK_MS = 50;
const RESYNC_MS = 1000;
/** Frames a second that a list has while it is scrolled. */
const FRAMES = 50;
const QUEUE_MS = 100;
const SEARCH_MS = 50;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : whole(value)} ms`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const aim = (value: number, most: number): string =>
  value < most
    ? `aim < ${whole(most)} ms: met`
    : `aim < ${whole(most)} ms: missed, ${(value / most).toFixed(1)} times that`;
const some = (names: readonly string[]): string =>
  names.length === 0 ? "none" : `${whole(names.length)}: ${names.slice(0, 5).join(", ")}`;

/** Of searches for orders; holds where every one for what one order alone goes by found it. */
export function searchWords({
  orders,
  customers,
  madeSeconds,
  megabytes,
  searched,
  all,
}: SearchMeasured): Said {
  const own = [
    "reference",
    "reference without its prefix",
    "ERP document",
    "tracking number",
    "e-mail",
    "telephone",
  ];
  return {
    lines: [
      `${whole(orders)} orders of ${whole(customers)} customers (${whole(megabytes)} MB), made in ${whole(madeSeconds)} s`,
      ...table(
        ["what is typed", "searches", "found", "p50", "p95"],
        searched.map((one) => [one.kind, whole(one.searches), whole(one.found), ms(one.p50), ms(one.p95)]),
      ),
      `all kinds together: p50 ${ms(all.p50)}, p95 ${ms(all.p95)}; ${aim(all.p95, SEARCH_MS)}`,
      "Of a beginning or a name that many share, 30 of the 100 highest or newest are shown; digits exchanged are mostly another order’s number.",
    ],
    holds: searched.every(({ kind, searches, found }) => !own.includes(kind) || found === searches),
  };
}

/** Of deliveries. */
export function webhooksWords(measured: WebhooksMeasured, jobs: "web" | "worker"): Said {
  const wrong = Object.entries(measured.answers).filter(([status]) => status !== "202");
  const failed = wrong.map(([status, count]) => `${status}: ${whole(count)}`).join(", ");
  const rows = [
    ["deliveries", `${whole(measured.sent)} at ${whole(measured.rate)} a second`],
    [
      "of them",
      `${whole(measured.duplicates)} duplicates, ${whole(measured.reordered)} late; ${whole(measured.newer)} of ${whole(measured.distinct)} events in the newer envelope`,
    ],
    ["jobs", jobs === "web" ? "in the web process" : "in a worker's process"],
    [
      "answered",
      `p50 ${ms(measured.p50)}, p95 ${ms(measured.p95)}, p99 ${ms(measured.p99)}, at most ${ms(measured.max)}`,
    ],
    ["", `${aim(measured.p95, WEBHOOK_MS)}; p95 since it was due ${ms(measured.p95SinceDue)}`],
    ["answered otherwise than 202", failed === "" ? "none" : failed],
    ["lost, doubled or miscounted", some(measured.lost)],
    [
      "orders read again",
      `${whole(measured.ordersTouched)} in ${whole(measured.runs)} runs, SCAYLE's limit ${whole(measured.limit)} requests a minute`,
    ],
    ["most that waited", whole(measured.backlog)],
    [
      "after the last delivery",
      `all orders read ${seconds(measured.readAfter)}, all jobs done ${seconds(measured.doneAfter)}`,
    ],
    ["events not settled", whole(measured.unsettled)],
    [
      "orders otherwise than at the source",
      `${some(measured.different)} (${whole(measured.compared)} compared)`,
    ],
  ];
  const holds =
    wrong.length + measured.lost.length + measured.unsettled + measured.different.length === 0 &&
    measured.compared > 0;
  return { lines: table(["webhooks", "measured"], rows), holds };
}

/** Of a pull. */
export function pullWords(measured: PullMeasured): Said {
  const rows = measured.processes.map((one) => [
    one.feed,
    one.killed ? "SIGKILL" : "done",
    whole(one.orders),
    one.seconds.toFixed(1),
    whole(one.orders / one.seconds),
    ...one.memory.map(whole),
    whole(one.peak),
  ]);
  const heading = [
    "feed",
    "end",
    "orders",
    "seconds",
    "orders/s",
    "MB start",
    "1/4",
    "1/2",
    "3/4",
    "end",
    "peak",
  ];
  const { orders, held, heldOnce, unbroken } = measured;
  const isWhole = held === orders && heldOnce === orders && unbroken;
  return {
    lines: [
      `${whole(orders)} orders over HTTP, the sandbox's rate limit lifted (its world was made in ${seconds(measured.sandboxSeconds)})`,
      ...table(heading, rows, [2, 3, 4, 5, 6, 7, 8, 9, 10]),
      `In all ${whole(measured.perSecond)} orders/s; read more than once: ${whole(measured.readAgain)}`,
      `Held: ${whole(held)}, each once: ${isWhole ? "yes, with no gap" : `NO (${whole(heldOnce)} ids)`}`,
      `Otherwise than at the source: ${some(measured.different)} (${whole(measured.compared)} read again and compared)`,
    ],
    holds: isWhole && measured.different.length === 0 && measured.compared > 0,
  };
}

/** Of resyncs. */
export function resyncWords(measured: ResyncMeasured): Said {
  const { twoAtOnce } = measured;
  const isOne = twoAtOnce.joined === 1;
  const rows = [
    [
      "resyncs",
      `${whole(measured.resyncs)}, one after the other, among ${whole(measured.held)} orders; ${whole(measured.changed)} had changed`,
    ],
    ["took", `p50 ${ms(measured.p50)}, p95 ${ms(measured.p95)}, at most ${ms(measured.max)}`],
    ["", `${aim(measured.p95, RESYNC_MS)}; SCAYLE's limit ${whole(measured.limit)} requests a minute`],
    [
      "two at once",
      `${isOne ? "one run" : "NOT one run"} (${whole(twoAtOnce.runs)} feeds read, ${measured.runsAlone.toFixed(1)} for one alone): ${twoAtOnce.took.map(ms).join(" and ")}`,
    ],
    ["problems", some(measured.problems)],
    ["otherwise than at the source", some(measured.different)],
  ];
  return {
    lines: table(["resync", "measured"], rows),
    holds: isOne && measured.problems.length === 0 && measured.different.length === 0,
  };
}

/** Of the queue. A time that was missed is said; what holds is that every grouping adds up to the filter's totals. */
export function queueWords(measured: QueueMeasured): Said {
  const rows = measured.asked.map((one) => [
    one.question,
    whole(one.rows),
    ms(one.p50),
    ms(one.p95),
    one.p95 <= QUEUE_MS ? "met" : `missed, ${(one.p95 / QUEUE_MS).toFixed(1)} times that`,
  ]);
  return {
    lines: [
      `${whole(measured.exceptions)} exceptions, ${whole(measured.open)} of them to act on, made in ${seconds(measured.madeSeconds)}; each question ${whole(measured.repeats)} times`,
      ...table(["queue", "rows", "p50", "p95", `aim <= ${whole(QUEUE_MS)} ms`], rows, [1, 2, 3]),
      `Groupings that do not add up to the totals: ${some(measured.wrong)}`,
    ],
    holds: measured.wrong.length === 0,
  };
}

/** Of root causes and proposals. */
export function rootCausesWords(measured: RootCausesMeasured): Said {
  return {
    lines: [
      `${whole(measured.exceptions)} exceptions of ${whole(measured.rootCauses)} root causes among ${whole(measured.orders)} orders, made in ${seconds(measured.madeSeconds)}`,
      ...table(
        ["at the end of a run", "found", "took"],
        measured.work.map((one) => [one.what, whole(one.count), seconds(one.seconds)]),
        [1, 2],
      ),
      ...table(
        ["pages", "rows", "p50", "p95"],
        measured.asked.map((one) => [one.question, whole(one.rows), ms(one.p50), ms(one.p95)]),
        [1, 2, 3],
      ),
      `Root causes whose features are not the planted ones: ${some(measured.wrong)}`,
    ],
    holds: measured.wrong.length === 0,
  };
}

/** Of scrolling. What holds is that as many rows came into sight as there are, and only some of them were drawn at once. */
export function scrollWords(measured: ScrollMeasured): Said {
  const { exceptions, rows, drawn, frames } = measured;
  const far = Math.min(exceptions, 100_000);
  return {
    lines: table(
      ["scroll", "measured"],
      [
        ["rows brought into sight", `${whole(rows)} of ${whole(exceptions)} in ${seconds(measured.seconds)}`],
        ["frames a second, rushed through while loading", measured.rushed.toFixed(1)],
        [
          "frames a second at a quick wheel’s speed",
          `${frames.toFixed(1)}, aim >= ${FRAMES}: ${frames >= FRAMES ? "met" : "missed"}`,
        ],
        ["from frame to frame", `p95 ${ms(measured.p95)}, at most ${ms(measured.longest)}`],
        ["rows drawn at once", `at most ${whole(drawn)}`],
      ],
    ),
    // A tenth of these exceptions is resolved and not in the list.
    holds: rows >= Math.floor(far * 0.85) && drawn <= 150,
  };
}

const CLOSE_MS = 200;

/** Of closing a month. */
export function closeWords(measured: CloseMeasured): Said {
  const rows = measured.asked.map((one) => [
    one.question,
    ms(one.p50),
    ms(one.p95),
    one.question.startsWith("as at a day")
      ? ""
      : one.p95 <= CLOSE_MS
        ? "met"
        : `missed, ${(one.p95 / CLOSE_MS).toFixed(1)} times that`,
  ]);
  return {
    lines: [
      `${whole(measured.lines)} lines in the month, made in ${seconds(measured.madeSeconds)}; each question ${whole(measured.repeats)} times`,
      ...table(["close", "p50", "p95", `aim <= ${whole(CLOSE_MS)} ms`], rows, [1, 2]),
      `Closing: ${whole(measured.locked)} lines locked in ${seconds(measured.lockSeconds)}; all digests made again in ${seconds(measured.verifySeconds)}`,
      `Late arrivals: ${whole(measured.late)}; what does not hold: ${some(measured.wrong)}`,
    ],
    holds: measured.wrong.length === 0,
  };
}

const STATUS_LEAST = 0.95;

/** Of what is stuck. */
export function statusWords({ worlds }: StatusMeasured): Said {
  const ratios = worlds.map(({ score }) => ({
    precision: share(score.right, score.found),
    recall: share(score.right, score.stuck),
  }));
  const rows = worlds.map(({ seed, seconds: took, score }, at) => [
    String(seed),
    whole(score.stuck),
    whole(score.found),
    (ratios[at]?.precision ?? 0).toFixed(3),
    (ratios[at]?.recall ?? 0).toFixed(3),
    `${whole(score.lateCalledStuck)} of ${whole(score.late)}`,
    seconds(took),
  ]);
  return {
    lines: [
      `Aim: precision and recall of what is stuck >= ${STATUS_LEAST} in each world`,
      ...table(
        ["seed", "stuck", "found", "precision", "recall", "late, called stuck", "read and matched"],
        rows,
        [1, 2, 3, 4, 5, 6],
      ),
      ...worlds.flatMap(({ seed, score }) =>
        [...score.missed.map((one) => `missed: ${one}`), ...score.wrong.map((one) => `wrong: ${one}`)].map(
          (one) => `seed ${seed}: ${one}`,
        ),
      ),
    ],
    holds: ratios.every(({ precision, recall }) => precision >= STATUS_LEAST && recall >= STATUS_LEAST),
  };
}
