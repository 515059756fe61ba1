import "server-only";
import { strToU8 } from "fflate";
import type { Pool, PoolClient } from "pg";
import { audited } from "@/lib/audit/record";
import type { Actor } from "@/lib/auth/actor";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { csvCell, csvRaw, csvRow } from "@/lib/domain/csv-cell";
import { daysBetween, wallClockIn } from "@/lib/domain/day";
import { exponentOf, formatPlain, type Minor } from "@/lib/domain/money";
import { type ExceptionRow, selectionOf } from "./data";
import type { ExceptionScope } from "./filter";
import { ageBuckets, type ExceptionQuery, filterNames, stateFilterNames, stateNames } from "./schema";
import { type Cell, workbook } from "./xlsx";

export type ExportFormat = "csv" | "xlsx";

/** What is exported, for whom and when. `query` names the one entity of the scope. */
export type ExportRequest = Readonly<{
  format: ExportFormat;
  scope: ExceptionScope;
  query: ExceptionQuery;
  entity: Readonly<{ id: string; name: string; timeZone: string }>;
  now: Date;
  by: string;
}>;

type Field = Readonly<{
  title: string;
  width: number;
  of: (row: ExceptionRow, at: Readonly<{ today: string; timeZone: string }>) => Cell;
}>;

const text = (value: string | null): Cell => (value === null ? null : { kind: "text", text: value });
const day = (value: string | null): Cell => (value === null ? null : { kind: "day", day: value });
const moment = (at: Date | null, timeZone: string): Cell =>
  at === null ? null : { kind: "moment", local: wallClockIn(at, timeZone), utc: at.toISOString() };
const amount = (minor: Minor, currency: string): Cell => ({
  kind: "amount",
  decimal: formatPlain(minor, currency),
  digits: exponentOf(currency),
});

/**
 * The columns of both formats. Amounts are SCAYLE − ERP, of the month where the filter names one. One rule: what has a name and a
 * code is two columns, the name as the screens have it and the code as the command line and other files have it.
 */
const fields: readonly Field[] = [
  { title: "Cause", width: 26, of: (row) => text(causeOf(row.cause)?.title ?? row.cause) },
  { title: "Cause code", width: 20, of: (row) => text(row.cause) },
  { title: "Order", width: 16, of: (row) => text(row.order) },
  { title: "Document", width: 16, of: (row) => text(row.document) },
  { title: "About", width: 28, of: (row) => text(row.about) },
  { title: "Comes to", width: 28, of: (row) => text(row.matter) },
  {
    title: "Worth",
    width: 14,
    of: (row) => (row.worth === null || row.worth === 0n ? null : amount(row.worth, row.currency)),
  },
  { title: "Shop", width: 16, of: (row) => text(row.shopName) },
  { title: "Shop code", width: 12, of: (row) => text(row.shop) },
  { title: "Channel code", width: 16, of: (row) => text(row.channel) },
  { title: "Currency", width: 9, of: (row) => text(row.currency) },
  { title: "Net", width: 14, of: (row) => amount(row.net, row.currency) },
  { title: "Tax", width: 14, of: (row) => amount(row.tax, row.currency) },
  { title: "Gross", width: 14, of: (row) => amount(row.gross, row.currency) },
  { title: "Absolute", width: 14, of: (row) => amount(row.extent, row.currency) },
  { title: "Month", width: 9, of: (row) => text(row.period) },
  { title: "Business date", width: 14, of: (row) => day(row.businessDay) },
  {
    title: "Age in days",
    width: 11,
    of: (row, { today }) => ({ kind: "count", value: Math.max(0, daysBetween(row.businessDay, today)) }),
  },
  { title: "Owner", width: 14, of: (row) => text(row.owner) },
  { title: "Owner code", width: 14, of: (row) => text(row.ownerTeam) },
  { title: "Assignee", width: 20, of: (row) => text(row.assignee) },
  { title: "Due", width: 12, of: (row) => day(row.due) },
  { title: "State", width: 12, of: (row) => text(stateNames[row.state] ?? row.state) },
  { title: "State code", width: 12, of: (row) => text(row.state) },
  { title: "Waits on", width: 20, of: (row) => text(row.waitingOn) },
  { title: "Severity", width: 10, of: (row) => text(capital(row.severity)) },
  { title: "Severity code", width: 12, of: (row) => text(row.severity) },
  { title: "Explanation", width: 80, of: (row) => text(row.explanation) },
  { title: "Found", width: 18, of: (row, { timeZone }) => moment(row.firstSeenAt, timeZone) },
  { title: "Id", width: 38, of: (row) => text(row.id) },
];

const capital = (code: string): string => `${code.charAt(0).toUpperCase()}${code.slice(1)}`;

/**
 * Everything that the filter means at this moment, piece by piece in the order of its sort, all of one snapshot of the
 * database. Nothing is opened before the first piece is asked for; the connection is given back at the end, and when the
 * reader goes away. That somebody took the rows out is in the audit trail before the first of them.
 */
export async function* exportExceptions(
  actor: Actor,
  request: ExportRequest,
  pool: Pool = appPool(),
): AsyncGenerator<Uint8Array, void> {
  const { entity, query, format, now } = request;
  await audited(
    actor,
    entity.id,
    async () => ({
      result: undefined,
      change: {
        action: "exceptions.export",
        subject: `entity:${entity.id}`,
        before: null,
        after: { format, filter: Object.fromEntries(filterWords(query)) },
      },
    }),
    { pool, now },
  );
  const client = await pool.connect();
  let isWell = false;
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // A reader that stops taking must not hold a connection for good.
    await client.query("SET LOCAL idle_in_transaction_session_timeout = '120s'");
    yield* format === "csv" ? csvFile(client, request) : xlsxFile(client, request);
    isWell = true;
  } finally {
    if (isWell) await client.query("COMMIT");
    client.release(!isWell);
  }
}

const BATCH = 1000;

async function* batchesOf(
  client: PoolClient,
  { scope, query }: ExportRequest,
): AsyncGenerator<readonly ExceptionRow[], void> {
  const { sql, params } = selectionOf(scope, query);
  await client.query(`DECLARE exported NO SCROLL CURSOR FOR ${sql}`, [...params]);
  while (true) {
    const { rows } = await client.query<ExceptionRow>(`FETCH ${BATCH} FROM exported`);
    if (rows.length === 0) return;
    yield rows;
  }
}

async function* csvFile(client: PoolClient, request: ExportRequest): AsyncGenerator<Uint8Array, void> {
  // The mark by which Excel sees that it is UTF-8.
  yield strToU8(`\ufeff${csvRow(fields.map(({ title }) => csvCell(title)))}`);
  for await (const rows of batchesOf(client, request)) {
    const lines = rows.map((row) => csvRow(fields.map(({ of }) => written(of(row, placeOf(request))))));
    yield strToU8(lines.join(""));
  }
}

const placeOf = ({ scope, entity }: ExportRequest) => ({ today: scope.today, timeZone: entity.timeZone });

function written(cell: Cell): string {
  if (cell === null) return "";
  // A file without a heading of its own has no place for a zone.
  if (cell.kind === "moment") return csvRaw(cell.utc);
  if (cell.kind === "amount") return csvRaw(cell.decimal);
  if (cell.kind === "count") return String(cell.value);
  return cell.kind === "day" ? csvRaw(cell.day) : csvCell(cell.text);
}

type Sum = { count: number; net: Minor; tax: Minor; gross: Minor; extent: Minor };

function xlsxFile(client: PoolClient, request: ExportRequest): AsyncGenerator<Uint8Array, void> {
  const sums = new Map<string, Sum>();
  const note = ({ currency, net, tax, gross, extent }: ExceptionRow): void => {
    const sum = sums.get(currency) ?? { count: 0, net: 0n, tax: 0n, gross: 0n, extent: 0n };
    sums.set(currency, {
      count: sum.count + 1,
      net: sum.net + net,
      tax: sum.tax + tax,
      gross: sum.gross + gross,
      extent: sum.extent + extent,
    });
  };
  async function* rows() {
    for await (const batch of batchesOf(client, request)) {
      batch.forEach(note);
      yield batch.map((row) => fields.map(({ of }) => of(row, placeOf(request))));
    }
  }
  async function* about() {
    yield aboutRows(request, await lastRun(client, request.entity.id), sums);
  }
  return workbook([
    {
      name: "Exceptions",
      widths: fields.map(({ width }) => width),
      header: fields.map(({ title }) => title),
      rows: rows(),
    },
    // Written last, since it says what was written.
    { name: "About", widths: [24, 44, 16, 16, 16, 16], header: null, rows: about(), leads: true },
  ]);
}

type LastRun = Readonly<{ id: string; asOf: Date | null; finishedAt: Date | null; outcome: string | null }>;

async function lastRun(client: PoolClient, entityId: string): Promise<LastRun | null> {
  const { rows } = await client.query<LastRun>(
    `SELECT id, as_of AS "asOf", finished_at AS "finishedAt", outcome FROM run
      WHERE entity_id = $1 AND kind = 'reconcile' AND state = 'done' ORDER BY finished_at DESC, id LIMIT 1`,
    [entityId],
  );
  return rows[0] ?? null;
}

function aboutRows(
  { entity, query, now, by }: ExportRequest,
  run: LastRun | null,
  sums: ReadonlyMap<string, Sum>,
): readonly (readonly Cell[])[] {
  const title = (label: string): Cell => ({ kind: "title", text: label });
  const said = (label: string, value: Cell): readonly Cell[] => [title(label), value];
  const at = (when: Date | null | undefined, without: string): Cell =>
    moment(when ?? null, entity.timeZone) ?? text(without);
  return [
    said("Exceptions of", text(`${entity.name} (${entity.id})`)),
    said("Time zone of all times", text(entity.timeZone)),
    said("As of", at(run?.asOf, "not reconciled yet")),
    said("Run", text(run?.id ?? "none")),
    said("Run finished", at(run?.finishedAt, "–")),
    said("Outcome of the run", text(run?.outcome ?? "–")),
    said("Exported", at(now, "–")),
    said("Exported by", text(by)),
    [],
    [title("Filter")],
    ...filterCells(query).map(([label, value]) => said(label, value)),
    [],
    ["Currency", "Exceptions", "Net", "Tax", "Gross", "Absolute"].map(title),
    ...[...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, { count, net, tax, gross, extent }]): readonly Cell[] => [
        text(currency),
        { kind: "count", value: count },
        ...[net, tax, gross, extent].map((minor) => amount(minor, currency)),
      ]),
    [],
    [
      text(
        "Net, tax and gross are SCAYLE − ERP, added up with their signs; of the month where the filter names one.",
      ),
    ],
    [
      text(
        "About, Comes to and Worth are of what stands beside the books and has no net, tax and gross: an item and its warehouse, what is missing, and the money that it is about; they are in no sum.",
      ),
    ],
    [text("Absolute is of each exception the largest of its net, tax and gross, without the sign.")],
    [
      text(
        "A column named “… code” has what the command line and other files call it; the one before, what the screens do.",
      ),
    ],
  ];
}

const labels: Readonly<Record<(typeof filterNames)[number], string>> = {
  period: "Month",
  cause: "Cause",
  state: "State",
  owner: "Owner",
  assignee: "Assignee",
  shop: "Shop code",
  channel: "Channel code",
  currency: "Currency",
  amountFrom: "Absolute amount from",
  amountTo: "Absolute amount to",
  due: "Due",
  dueFrom: "Due from",
  dueTo: "Due to",
  team: "Team",
  since: "Found since",
  age: "Age",
  rootCause: "Root cause",
  mention: "Mentions",
  approval: "Acceptance",
  q: "Words",
};

const dueWords: Readonly<Record<string, string>> = {
  overdue: "overdue",
  today: "today",
  week: "this week, Monday to Sunday",
  escalated: "escalated",
};

/** The filter in words, one line for each part of it. */
export function filterWords(query: ExceptionQuery): readonly (readonly [string, string])[] {
  return filterNames.flatMap((name) => {
    const value = query[name];
    if (value === undefined) return [];
    return [[labels[name], wordsOf(name, value)] as const];
  });
}

function wordsOf(name: (typeof filterNames)[number], value: string): string {
  switch (name) {
    case "cause":
      return causeOf(value)?.title ?? value;
    case "age":
      return ageBuckets.find(({ key }) => key === value)?.label ?? value;
    case "state":
      return stateFilterNames[value] ?? value;
    case "due":
      return dueWords[value] ?? value;
    default:
      return value;
  }
}

/** The same as cells: days are days. */
const filterCells = (query: ExceptionQuery): readonly (readonly [string, Cell])[] =>
  filterNames.flatMap((name) => {
    const value = query[name];
    if (value === undefined) return [];
    const isDay = name === "dueFrom" || name === "dueTo";
    return [[labels[name], isDay ? day(value) : text(wordsOf(name, value))] as const];
  });
