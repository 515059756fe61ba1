import "server-only";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { ACTS, SETTINGS } from "@/lib/matching/movements";
import type { Move } from "./data";

/** Something that happened to a group, or to the entity's settings, and made totals move. `by` is a person or a feed. */
export type Happening = Readonly<{ at: Date; text: string; by: string | null }>;

/** A movement with what it is about and what made it. */
export type ToldMove = Move &
  Readonly<{
    /** people's name of the order, or of a document without one; null where it stands for many, or none is known */
    subject: string | null;
    happenings: readonly Happening[];
  }>;

/** Acts, changes and versions that are told of one movement at most. */
const TOLD_MAX = 5;

/** Tells of each movement what happened since its group was matched before. */
export async function tellMoves(entityId: string, moves: readonly Move[]): Promise<readonly ToldMove[]> {
  const [subjects, versions, acts, settings] = await Promise.all([
    findSubjects(moves),
    findVersions(moves),
    findActs(entityId, moves),
    findSettings(entityId, moves),
  ]);
  return moves.map((move, index) => {
    const mine = [
      ...(versions.get(index) ?? []),
      ...(acts.get(index) ?? []),
      ...(move.why === "setting" ? settings.filter(({ at }) => isWithin(at, move)) : []),
    ];
    const happenings = mine.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, TOLD_MAX);
    if (happenings.length === 0 && move.why === "source" && move.orderKey)
      happenings.push(readAgain(move.at));
    return { ...move, subject: move.orderKey ? (subjects.get(move.orderKey) ?? null) : null, happenings };
  });
}

/** Where its group was marked, and none of its documents has another version. */
const readAgain = (at: Date): Happening => ({
  at,
  text: "What belongs to it was read again, or a document of it went to another order",
  by: null,
});

const isWithin = (at: Date, move: Move): boolean =>
  at <= move.at && (move.since === null || at >= move.since);

async function findSubjects(moves: readonly Move[]): Promise<ReadonlyMap<string, string>> {
  const keys = [...new Set(moves.flatMap(({ orderKey }) => (orderKey ? [orderKey] : [])))];
  const { rows } = await appPool().query<{ key: string; name: string | null }>(
    `SELECT key, coalesce((SELECT 'order ' || reference FROM sales_order o WHERE o.order_key = key),
              (SELECT 'document ' || min(number) FROM document d WHERE d.order_key = key),
              (SELECT 'document ' || min(v.content->>'number') FROM document_version v WHERE v.order_key = key)) AS name
       FROM unnest($1::uuid[]) AS key`,
    [keys],
  );
  return new Map(rows.flatMap(({ key, name }) => (name === null ? [] : [[key, name] as const])));
}

// $1 to $4: the movements' places, groups, beginnings and moments.
const OF_MOVES =
  "unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS k(place, order_key, since, until)";
const windowsOf = (moves: readonly Move[]): unknown[] => {
  const own = moves.map((move, place) => ({ ...move, place })).filter(({ orderKey }) => orderKey !== null);
  return [
    own.map(({ place }) => place),
    own.map(({ orderKey }) => orderKey),
    own.map(({ since }) => since),
    own.map(({ at }) => at),
  ];
};
const within = (at: string): string => `${at} BETWEEN coalesce(k.since, '-infinity') AND k.until`;

type Placed = Happening & Readonly<{ place: number }>;
function byPlace(rows: readonly Placed[]): ReadonlyMap<number, readonly Happening[]> {
  const places = new Map<number, Happening[]>();
  for (const { place, ...one } of rows) places.set(place, [...(places.get(place) ?? []), one]);
  return places;
}

const versionReasons: Readonly<Record<string, string>> = {
  created: "was read for the first time",
  changed: "changed",
  rekeyed: "was linked to this order",
  gone: "is no longer at its source",
  "posted-changed": "changed after it was posted",
  withdrawn: "is no longer in the ledger",
};

async function findVersions(moves: readonly Move[]): Promise<ReadonlyMap<number, readonly Happening[]>> {
  const { rows } = await appPool().query<{
    place: number;
    at: Date;
    reason: string;
    version: number;
    side: string | null;
    kind: string | null;
    number: string | null;
    connection: string | null;
    run: string | null;
  }>(
    `SELECT k.place, v.seen_at AS at, v.reason, v.version, v.content->>'side' AS side, v.content->>'kind' AS kind,
            v.content->>'number' AS number, c.name AS connection, r.kind AS run
       FROM ${OF_MOVES}
       JOIN document_version v ON v.order_key = k.order_key AND ${within("v.seen_at")}
       LEFT JOIN run r ON r.id = v.run_id
       LEFT JOIN feed f ON f.id = r.feed_id
       LEFT JOIN connection c ON c.id = f.connection_id
      ORDER BY v.seen_at, v.document_id, v.version`,
    windowsOf(moves),
  );
  return byPlace(
    rows.map((row) => ({
      place: row.place,
      at: row.at,
      text: `${row.side === "erp" ? "ERP" : "SCAYLE"} ${row.kind ?? "document"} ${row.number ?? ""} ${versionReasons[row.reason] ?? row.reason} (version ${row.version})`,
      by: row.connection ?? runWords(row.run),
    })),
  );
}

const runWords = (kind: string | null): string | null =>
  kind === null ? null : ({ resync: "a resync", import: "a file", backfill: "a back-fill" }[kind] ?? null);

const actWords: Readonly<Record<string, string>> = {
  accepted: "accepted",
  reopened: "opened again",
  "lines.pair": "Lines paired by hand",
  "lines.unpair": "Lines taken out of their pair by hand",
  "lines.undo": "Pair made by hand taken back",
  "record.resync": "Resync asked for",
};

async function findActs(
  entityId: string,
  moves: readonly Move[],
): Promise<ReadonlyMap<number, readonly Happening[]>> {
  const { rows } = await appPool().query<{
    place: number;
    at: Date;
    what: string;
    cause: string | null;
    by: string;
    note: string | null;
  }>(
    `SELECT k.place, v.at, v.kind AS what, e.cause, v.actor_name AS by, v.text AS note
       FROM ${OF_MOVES}
       JOIN exception_event v ON v.order_key = k.order_key AND v.kind IN ${ACTS} AND ${within("v.at")}
       JOIN exception e ON e.order_key = v.order_key AND e.id = v.exception_id
     UNION ALL
     SELECT k.place, a.at, a.action, NULL, a.actor_name, NULL
       FROM ${OF_MOVES}
       JOIN audit_event a ON a.subject = 'order:' || k.order_key AND a.chain = $5 AND a.outcome = 'done' AND ${within("a.at")}`,
    [...windowsOf(moves), entityId],
  );
  return byPlace(
    rows.map(({ place, at, what, cause, by, note }) => {
      const did = actWords[what] ?? what;
      const said = cause ? `“${causeOf(cause)?.title ?? cause}” ${did}` : did;
      return { place, at, text: note ? `${said}: ${note}` : said, by };
    }),
  );
}

async function findSettings(entityId: string, moves: readonly Move[]): Promise<readonly Happening[]> {
  const own = moves.filter(({ why }) => why === "setting");
  if (own.length === 0) return [];
  const { rows } = await appPool().query<{ at: Date; action: string; subject: string; by: string }>(
    `SELECT at, action, subject, actor_name AS by FROM audit_event
      WHERE chain = $1 AND outcome = 'done' AND ${SETTINGS}
        AND EXISTS (SELECT FROM unnest($2::timestamptz[], $3::timestamptz[]) AS k(since, until) WHERE ${within("audit_event.at")})
      ORDER BY audit_event.seq DESC LIMIT 200`,
    [entityId, own.map(({ since }) => since), own.map(({ at }) => at)],
  );
  return rows.map(({ at, action, subject, by }) => ({
    at,
    text: `${settingWords[action] ?? "Setting changed"}: ${subject}`,
    by,
  }));
}

const settingWords: Readonly<Record<string, string>> = {
  "settings.tax-code": "Tax code mapping changed",
  "settings.item": "Item mapping changed",
  "settings.reference": "Mapping of references changed",
  "settings.payment": "Mapping of payments changed",
  "settings.posting-lag": "Posting lag changed",
  "settings.reference-rules": "Reference rules changed",
  "rounding.confirm": "Rounding confirmed",
  "proposal.accept": "Proposal taken",
  "mapping-request.approve": "Change of mappings approved",
  "acceptance-rule.approve": "Acceptance rule approved",
  "acceptance-rule.end": "Acceptance rule ended",
  "cut-off.set": "Cut-off changed",
};
