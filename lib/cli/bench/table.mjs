// The bench's measurements as a table for people, each aim beside what was measured.

const LINES_PER_SECOND = 40_000;
const TIMES_BARE_JOIN = 30;
const NODE_MB = 500;
const REMATCH_MS = 30;
const GROWTH = 5.5;
const EXPLAINED_PER_SECOND = 20_000;

/** The whole report. */
export function tableOf({ machine, runs }) {
  const rows = [
    [
      "lines a side",
      "work",
      "seconds",
      "lines/s",
      "CPU s Node + PostgreSQL",
      "MB Node + PostgreSQL",
      "× DuckDB",
      "aim",
    ],
  ];
  for (const run of runs) rows.push(...rowsOf(run));
  return [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}; load average at the start: ${runs.map((run) => run.load.toFixed(1)).join(", ")}`,
    aligned(rows),
    ...growths(runs),
  ].join("\n");
}

function rowsOf({ lines, steps }) {
  const { salesLines, ledgerLines, orders, multiLine, rounded, faults } = steps.write.result;
  const both = salesLines + ledgerLines;
  const bare = steps["bare-join"].result;
  const load = sum(steps["load-sales"], steps["load-ledger"]);
  const reconcile = steps.reconcile;
  const { agreed, groups } = reconcile.result;
  const { p50, p95, orders: changed } = steps.rematch.result;
  const explain = steps.explain.result;
  const planted = Object.values(faults).reduce((all, count) => all + count, 0);
  const ratio = reconcile.seconds / bare.join;
  const row = (work, measured, count, times, aim) => [
    number(lines),
    work,
    measured.seconds.toFixed(measured.seconds < 10 ? 2 : 1),
    count === null ? "" : number(count / measured.seconds),
    measured.nodeCpu === undefined
      ? ""
      : `${measured.nodeCpu.toFixed(1)} + ${measured.postgresCpu?.toFixed(1) ?? "?"}`,
    measured.nodeMb === undefined ? "" : `${measured.nodeMb} + ${measured.postgresMb ?? "?"}`,
    times,
    aim,
  ];
  const note = (work, aim = "") => [number(lines), work, "", "", "", "", "", aim];
  return [
    note(
      `${number(orders)} orders, ${number(salesLines)} units sold, ${number(ledgerLines)} lines posted; ${Math.round((100 * rounded) / multiLine)} % of the orders of several lines have a rounding cent, ${number(planted)} faults planted`,
    ),
    row("DuckDB: read both files", { seconds: bare.load }, both, "", ""),
    row("DuckDB: sum by item", { seconds: bare.group }, both, "", ""),
    row("DuckDB: bare join + compare + write", { seconds: bare.join }, both, "1", ""),
    row("load the sales file", steps["load-sales"], salesLines, "", ""),
    row("load the ledger file", steps["load-ledger"], ledgerLines, "", ""),
    row(
      "load from files",
      load,
      both,
      (load.seconds / bare.load).toFixed(0),
      atLeast(both / load.seconds, LINES_PER_SECOND, "lines/s"),
    ),
    row(
      "match + explain + store + prove",
      reconcile,
      both,
      ratio.toFixed(0),
      atMost(ratio, TIMES_BARE_JOIN, "× DuckDB"),
    ),
    note(
      `${number(groups)} groups, ${number(agreed)} agreed`,
      atMost(Math.max(load.nodeMb, reconcile.nodeMb), NODE_MB, "MB Node"),
    ),
    note(
      `match one changed order again, ${changed} times: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      atMost(p95, REMATCH_MS, "ms p95"),
    ),
    note(
      `explain: ${number(explain.groups)} differing groups of these books ${number(explain.perSecond)} a second, ${number(explain.made)} made for the purpose ${number(explain.madePerSecond)}`,
      atLeast(explain.perSecond, EXPLAINED_PER_SECOND, "groups/s"),
    ),
  ];
}

const sum = (a, b) => ({
  seconds: a.seconds + b.seconds,
  nodeCpu: a.nodeCpu + b.nodeCpu,
  postgresCpu: a.postgresCpu === null || b.postgresCpu === null ? null : a.postgresCpu + b.postgresCpu,
  nodeMb: Math.max(a.nodeMb, b.nodeMb),
  postgresMb: a.postgresMb === null || b.postgresMb === null ? null : Math.max(a.postgresMb, b.postgresMb),
});

/** How much longer each size takes than the one before, where that is five times as large. */
function growths(runs) {
  return runs.flatMap((run, index) => {
    const before = runs[index - 1];
    if (!before || run.lines !== 5 * before.lines) return [];
    const [now, then] = [run, before].map(({ steps }) => ({
      load: steps["load-sales"].seconds + steps["load-ledger"].seconds,
      match: steps.reconcile.seconds,
    }));
    return [
      `Growth from ${number(before.lines)} to ${number(run.lines)} lines a side: load ${atMost(now.load / then.load, GROWTH, "×")}; match ${atMost(now.match / then.match, GROWTH, "×")}`,
    ];
  });
}

const number = (value) => Math.round(value).toLocaleString("en-US");
const short = (value) => (value < 100 ? value.toFixed(1) : number(value));

const atLeast = (value, aim, unit) =>
  value >= aim
    ? `≥ ${number(aim)} ${unit}: met`
    : `≥ ${number(aim)} ${unit}: missed, ${short(value)}, ${((100 * value) / aim).toFixed(0)} % of it`;

const atMost = (value, aim, unit) =>
  value <= aim
    ? `≤ ${aim} ${unit}: met, ${short(value)}`
    : `≤ ${aim} ${unit}: missed, ${short(value)}, ${(value / aim).toFixed(1)} times that`;

function aligned(rows) {
  const notes = (row) => row.slice(2, 7).every((cell) => cell === "");
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.filter((row) => column !== 1 || !notes(row)).map((row) => row[column].length)),
  );
  return rows
    .map((row) => {
      if (notes(row)) return `${row[0].padStart(widths[0])}  ${row[1]}${row[7] ? `  ${row[7]}` : ""}`;
      return row
        .map((cell, column) =>
          column === 1 || column === 7 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join("  ")
        .trimEnd();
    })
    .join("\n");
}
