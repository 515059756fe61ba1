import type pg from "pg";
import { builtInProfile } from "@/lib/import/profile";
import type { Random } from "@/lib/sandbox/random";
import { importFile } from "@/lib/sync/import";
import type { Clock } from "./clock";
import { ENTITY } from "./source";

type Side = "sales" | "ledger";
const SIDES = ["sales", "ledger"] as const;

/** What is imported from files beside what the sources are asked for: sales and the ledger's documents of them. */
export type Files = Readonly<{
  /** Imports one of the files, or both. Their bytes are the same each time. */
  importOne(pool: pg.Pool, clock: Clock, which: Side): Promise<void>;
  importAll(pool: pg.Pool, clock: Clock): Promise<void>;
  /** what is not as it must be; a file may be missing as a whole until all are imported */
  unlike(admin: pg.Pool, isAll: boolean): Promise<readonly string[]>;
}>;

/** A sale: its number, and the gross of each of its lines in minor units. */
type Sale = Readonly<{ number: string; cents: readonly bigint[] }>;

const HEADERS: Readonly<Record<Side, string>> = {
  sales:
    "shop,order_no,document_type,document_no,line_no,sold_at,currency,line_kind,sku,quantity,gross_amount",
  ledger: "document_type,document_no,line_no,posting_date,currency,external_order_no,gl_account,gross_amount",
};

const euros = (cents: bigint): string => `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;

function textOf(side: Side, sales: readonly Sale[]): string {
  const rows = sales.flatMap(({ number, cents }, index) =>
    cents.map((amount, at) =>
      side === "sales"
        ? `web/de,${number},invoice,${number},${at + 1},2026-10-05,EUR,item,S${at},1,${euros(amount)}`
        : `invoice,R-${index + 1},${at + 1},2026-10-05,EUR,${number},8400,${euros(amount)}`,
    ),
  );
  return `${[HEADERS[side], ...rows].join("\n")}\n`;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

export function makeFiles(random: Random): Files {
  const sales: readonly Sale[] = Array.from({ length: random.integer(2, 5) }, (_, index) => ({
    number: `FILE-${index + 1}`,
    cents: Array.from({ length: random.integer(1, 3) }, () => BigInt(random.integer(100, 9999))),
  }));
  const files: Files = {
    async importOne(pool, clock, side) {
      await importFile(
        {
          side,
          entityId: ENTITY,
          fileName: `${side}.csv`,
          open: () => bytes(textOf(side, sales)),
          profile: builtInProfile(side),
        },
        {
          actorName: "simulation",
          actor: { kind: "machine", id: "simulation", name: "simulation" },
          now: clock.now,
          pool,
        },
      );
    },
    async importAll(pool, clock) {
      for (const side of SIDES) await files.importOne(pool, clock, side);
      // Until when a file speaks is when it first came in, which the faults move: only the sources say how current books are.
      await pool.query("UPDATE feed SET confirmed_until = NULL WHERE resource = 'file'");
    },
    async unlike(admin, isAll) {
      const { rows } = await admin.query<{ side: string; gross: bigint }>(
        `SELECT d.side, sum(l.gross)::bigint AS gross
           FROM document d JOIN line l ON l.order_key = d.order_key AND l.document_id = d.id
          WHERE d.entity_id = $1 AND d.connection_id IN (SELECT connection_id FROM feed WHERE resource = 'file') GROUP BY d.side, d.id`,
        [ENTITY],
      );
      const whole = sales.map(({ cents }) => cents.reduce((sum, one) => sum + one, 0n)).sort();
      return SIDES.flatMap((side) => {
        const held = rows.filter((row) => row.side === (side === "sales" ? "scayle" : "erp"));
        if (held.length === 0 && !isAll) return [];
        const grosses = held.map((row) => row.gross).sort();
        return grosses.join(" ") === whole.join(" ")
          ? []
          : [
              `of the ${side} file ${held.length} of ${sales.length} documents are here: ${grosses.join(" ")}`,
            ];
      });
    },
  };
  return files;
}
