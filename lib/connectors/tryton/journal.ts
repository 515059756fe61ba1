import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { formatPlain, parseAmount } from "@/lib/domain/money";
import { unexpectedAnswer } from "../fault";
import type { JournalPlan, JournalTrace, JournalWrite, JournalWriter } from "../journal";
import { key as keyText, optional, words } from "../wire-values";
import { afterTaking } from "../write";
import { keyDescription } from "./draft";
import { searchRead } from "./records";
import type { Rpc } from "./rpc";
import type { TrytonSettings } from "./settings";
import { asDate, date, numeric } from "./values";
import { WIRE } from "./wire";

/*
 * Tryton's account moves: a draft is created with all its lines in one call, which Tryton does or undoes whole, and posted. Run
 * against Tryton 6.0; source: account/move.py. A move is in the company's currency, in the period of its day; its number comes
 * when it is posted.
 */

const LACKS =
  "This connection is only read: its settings don't say how sales are posted (write.partyCode), so no journals are posted through it either.";

const MOVE = {
  model: "account.move",
  line: "account.move.line",
  period: "account.period",
  create: "model.account.move.create",
  post: "model.account.move.post",
  posted: "posted",
  fields: ["number", "post_number", "date", "state", "description"],
  lineFields: ["account.code", "debit", "credit"],
} as const;

const moveWire = z.object({
  id: z.number().int(),
  number: words,
  post_number: words,
  date: optional(date),
  state: keyText,
});
const moveLineWire = z.object({
  "account.": optional(z.object({ code: words })),
  debit: numeric,
  credit: numeric,
});

const decimal = (text: string) => ({ __class__: "Decimal", decimal: text });

/** A move as it is created; what Tryton knows by an id stands as `lookup` gives it. */
const moveOf = (
  write: JournalWrite,
  key: string,
  lookup: Readonly<{ journal: unknown; period: unknown; company: unknown; account(code: string): unknown }>,
) => ({
  company: lookup.company,
  journal: lookup.journal,
  period: lookup.period,
  date: asDate(write.postingDay),
  description: keyDescription(key),
  lines: [
    [
      "create",
      write.lines.map((line) => ({
        account: lookup.account(line.account),
        debit: decimal(formatPlain(line.debit, write.currency)),
        credit: decimal(formatPlain(line.credit, write.currency)),
        description: line.text,
      })),
    ],
  ],
});

/** What the settings of a company say of journals. */
export function planTrytonJournals(settings: TrytonSettings): JournalPlan {
  const path = `/${settings.database}/`;
  const code = settings.write?.journalCode;
  return {
    lacks: settings.write === undefined ? LACKS : null,
    requests: (write, key) => [
      {
        does: "Makes a draft move with its lines, which counts for nothing yet",
        method: "POST",
        path,
        body: {
          method: MOVE.create,
          params: [
            [
              moveOf(write, key, {
                company: "{company}",
                journal: code === undefined ? "{journal of type general}" : `{journal ${code}}`,
                period: `{period of ${write.postingDay}}`,
                account: (account) => `{account ${account}}`,
              }),
            ],
          ],
        },
      },
      { does: "Posts it", method: "POST", path, body: { method: MOVE.post, params: [["{id}"]] } },
    ],
  };
}

/** Posts account moves in one company of a Tryton. Our key is the move's description. */
export function createTrytonJournals(settings: TrytonSettings, rpc: Rpc): JournalWriter {
  const plan = planTrytonJournals(settings);

  const inCompany = async (...domain: readonly unknown[]) => [
    ["company", "=", await rpc.company()],
    ...domain,
  ];
  async function idOf(model: string, domain: readonly unknown[], what: string): Promise<number> {
    const { records } = await searchRead(rpc, model, domain, ["id"], 2);
    const id = records[0]?.["id"];
    if (typeof id !== "number") throw new Refusal("invalid", `Tryton has no ${what}.`);
    if (records.length > 1) throw new Refusal("invalid", `Tryton has more than one ${what}.`);
    return id;
  }

  async function look(write: JournalWrite, key: string): Promise<JournalTrace> {
    const { records, answer } = await searchRead(
      rpc,
      MOVE.model,
      await inCompany(["description", "=", keyDescription(key)]),
      MOVE.fields,
    );
    const moves = records.map((record) => {
      const parsed = moveWire.safeParse(record);
      if (!parsed.success)
        throw unexpectedAnswer(answer.address, "A move should hold its state and its day.");
      return parsed.data;
    });
    const posted = moves.find(({ state }) => state === MOVE.posted);
    if (!posted) {
      const [draft] = moves;
      return draft ? { state: "begun", id: String(draft.id), place: "draft" } : { state: "none" };
    }
    const lines = await searchRead(rpc, MOVE.line, [["move", "=", posted.id]], MOVE.lineFields);
    return {
      state: "done",
      id: String(posted.id),
      number: posted.post_number ?? posted.number,
      postingDay: posted.date ?? null,
      lines: lines.records.map((record) => {
        const parsed = moveLineWire.safeParse(record);
        if (!parsed.success)
          throw unexpectedAnswer(lines.answer.address, "A move's line should hold debit and credit.");
        return {
          account: parsed.data["account."]?.code ?? "",
          debit: parseAmount(parsed.data.debit, write.currency),
          credit: parseAmount(parsed.data.credit, write.currency),
        };
      }),
    };
  }

  async function create(write: JournalWrite, key: string): Promise<string> {
    const company = await rpc.company();
    const { records } = await searchRead(
      rpc,
      WIRE.models.company,
      [["id", "=", company]],
      ["currency.code"],
      1,
    );
    const currency = z.object({ "currency.": z.object({ code: keyText }) }).safeParse(records[0]).data?.[
      "currency."
    ].code;
    if (currency !== write.currency)
      throw new Refusal(
        "invalid",
        `Tryton's moves are in its company's currency, ${currency ?? "which it doesn't say"}, and this journal is in ${write.currency}.`,
      );
    const code = settings.write?.journalCode;
    const accounts = new Map<string, number>();
    for (const { account } of write.lines)
      accounts.set(
        account,
        accounts.get(account) ??
          (await idOf(
            WIRE.models.account,
            await inCompany(["code", "=", account]),
            `account with the code ${account}`,
          )),
      );
    const body = moveOf(write, key, {
      company,
      journal: await idOf(
        WIRE.models.journal,
        code === undefined ? [["type", "=", "general"]] : [["code", "=", code]],
        code === undefined
          ? "journal of the type general; name one in the connection's settings (write.journalCode)"
          : `journal with the code ${code}`,
      ),
      period: await idOf(
        MOVE.period,
        await inCompany(
          ["start_date", "<=", asDate(write.postingDay)],
          ["end_date", ">=", asDate(write.postingDay)],
          ["type", "=", "standard"],
        ),
        `period for ${write.postingDay}`,
      ),
      account: (account) => accounts.get(account),
    });
    return (await rpc.change(MOVE.create, [[body]])).answer.address;
  }

  return {
    ...plan,
    look,
    next: (write, key, seen) =>
      seen.state === "done" ? null : (plan.requests(write, key)[seen.state === "none" ? 0 : 1]?.does ?? null),
    async advance(write, key, seen) {
      if (seen.state === "done") return seen;
      const address =
        seen.state === "none"
          ? await create(write, key)
          : (await rpc.change(MOVE.post, [[Number(seen.id)]])).answer.address;
      return afterTaking(address, () => look(write, key));
    },
    settles: (settings.write?.settlesSeconds ?? 60) * 1000,
  };
}
