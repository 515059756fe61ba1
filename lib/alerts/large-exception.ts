import { causeOf } from "@/lib/causes/registry";
import { exponentOf, formatAmount, type Minor } from "@/lib/domain/money";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { boundOf, defineAlert, mustNotExceed, quietMinutes, type Sighting, type Watch } from "./contract";

/** So many have an alert of their own, the largest first; the rest is one alert. */
export const OWN_MOST = 20;

type Row = Readonly<{
  id: string;
  cause: string;
  name: string | null;
  currency: string;
  extent: Minor;
  ownerTeam: string;
  explanation: string;
  isAbove: boolean;
  count: number;
}>;

/** An exception that is about more than an amount. */
export const largeException = defineAlert({
  kind: "large-exception",
  title: "Large exception",
  meaning: `An open exception is about a large amount: the largest of its net, tax and gross, in its own currency. The ${OWN_MOST} largest have an alert each, further ones share one. It closes when the exception is resolved or accepted, or its amount falls below the closing bound.`,
  respond:
    "Open the exception. See that somebody has it, read why it is and what is proposed, and put it right or hand it to whoever can. If there are many at once, look at the root causes first: one fix may end them all.",
  owner: "The team that owns the exception.",
  seenWith: "exceptions.read",
  opensWith: "exceptions.read",
  bounds: [
    {
      name: "opens",
      label: "Opens at (amount)",
      hint: "In whole units of the exception’s own currency; nothing is converted",
      min: 1,
      max: 100_000_000,
      is: 1000,
    },
    {
      name: "closes",
      label: "Closes below (amount)",
      hint: "Not above the amount at which it opens",
      min: 1,
      max: 100_000_000,
      is: 900,
    },
    quietMinutes(0),
  ],
  fault: (bounds) => mustNotExceed(bounds, "closes", "opens"),
  async watch(view) {
    const { rows: known } = await view.pool.query<{ currency: string }>(
      "SELECT DISTINCT currency FROM root_cause_amount WHERE entity_id = $1 ORDER BY 1",
      [view.entity.id],
    );
    const found: Sighting[] = [];
    for (const { currency } of known) found.push(...(await ofCurrency(view, currency)));
    return found;
  },
  async stays(view, subjects) {
    const ids = subjects.flatMap((one) =>
      one.startsWith("exception:") ? [one.slice("exception:".length)] : [],
    );
    const { rows } = await view.pool.query<Readonly<{ id: string; currency: string; extent: Minor }>>(
      `SELECT id, currency, extent FROM exception WHERE id = ANY ($1::uuid[]) AND state IN ${OPEN_STATES}`,
      [ids],
    );
    return new Map(
      rows
        .filter(({ extent, currency }) => extent >= minorOf(boundOf(view, "closes"), currency))
        .map(({ id, currency }) => [
          `exception:${id}`,
          `The exception is still open. It is told with the further ones: ${OWN_MOST} larger ones in ${currency} have alerts of their own.`,
        ]),
    );
  },
});

const minorOf = (major: number, currency: string): Minor =>
  BigInt(major) * 10n ** BigInt(exponentOf(currency));

/** Those of one currency: amounts of several are never compared. */
async function ofCurrency(view: Watch, currency: string): Promise<readonly Sighting[]> {
  const opens = minorOf(boundOf(view, "opens"), currency);
  const { rows } = await view.pool.query<Row>(
    `SELECT id, cause, coalesce(order_reference, document_number) AS name, currency, extent, owner_team AS "ownerTeam", explanation,
            extent >= $4 AS "isAbove", count(*) OVER ()::int AS count
       FROM exception WHERE entity_id = $1 AND state IN ${OPEN_STATES} AND currency = $2 AND extent >= $3
      ORDER BY extent DESC, id LIMIT ${OWN_MOST}`,
    [view.entity.id, currency, minorOf(boundOf(view, "closes"), currency), opens],
  );
  const further = (rows[0]?.count ?? 0) - rows.length;
  const own = rows.map((row) => sightingOf(row));
  return further > 0 ? [...own, furtherOf(view, currency, rows, further)] : own;
}

function sightingOf(row: Row): Sighting {
  const amount = `${formatAmount(row.extent, row.currency)} ${row.currency}`;
  const cause = causeOf(row.cause);
  return {
    subject: `exception:${row.id}`,
    level: row.isAbove ? "above" : "between",
    title: `${amount}: ${cause?.title ?? row.cause}${row.name ? `, ${row.name}` : ""}`,
    body: row.explanation,
    ownerTeam: row.ownerTeam,
    firstAction: cause?.resolution ?? "Open the exception and see what is proposed.",
    href: `/exceptions/${row.id}`,
  };
}

function furtherOf(view: Watch, currency: string, rows: readonly Row[], further: number): Sighting {
  const bound = `${boundOf(view, "opens").toLocaleString("en")} ${currency}`;
  return {
    subject: `further:${currency}`,
    level: rows.at(-1)?.isAbove ? "above" : "between",
    title: `Further large exceptions in ${currency}`,
    body: `Besides the ${OWN_MOST} largest, which have alerts of their own, ${further.toLocaleString("en")} more are open around or above ${bound}.`,
    ownerTeam: rows[0]?.ownerTeam ?? "finance",
    firstAction: "Look at the root causes: so many at once mostly have one thing behind them.",
    href: `/exceptions/causes?entity=${encodeURIComponent(view.entity.id)}`,
  };
}
