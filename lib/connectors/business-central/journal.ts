import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { parseAmount } from "@/lib/domain/money";
import { unexpectedAnswer } from "../fault";
import type { JournalPlan, JournalTrace, JournalWrite, JournalWriteLine, JournalWriter } from "../journal";
import { decimalText, key as keyText, wireAmount, words } from "../wire-values";
import { afterTaking, type WireRequest } from "../write";
import type { BusinessCentralSettings } from "./settings";
import type { Transport } from "./transport";
import { day, WIRE } from "./wire";

/*
 * A journal of ours is a batch of its own in `journals`, its lines in `journalLines`, posted by the bound action `post`, and read
 * back from `generalLedgerEntries`.
 *
 * Verified in Microsoft's reference of API v2.0 and in the AL source of its pages 30016 (journals), 30049 (journalLines) and 30018
 * (generalLedgerEntries): their names and fields; that a batch is made with `code` (10 characters) and `displayName`; that a line
 * takes accountType "G/L Account", accountNumber, postingDate, documentNumber (20 characters), a signed amount (debit +) and
 * description, and no currency, so that journals are in the company's own; that `post` posts every line of the batch with
 * codeunit "Gen. Jnl.-Post" and refuses an empty one ("There is nothing to post."); that entries name no external number.
 *
 * Assumed, for want of a live company: that a batch made so has no number series of its own, by which Business Central would
 * renumber its lines; that an account's card names no VAT posting (else it splits the amount, which reading back shows); that
 * posted lines leave their batch. Nothing hangs on them but how it is found: what differs in the ledger is told, not hidden.
 */

const LACKS =
  "This connection is only read: its settings don't say how sales are posted (write.customerNumber), so no journals are posted through it either.";

const SET = {
  journals: "journals",
  lines: "journalLines",
  entries: "generalLedgerEntries",
  accountType: "G/L Account",
  /** longest texts */
  code: 10,
  documentNumber: 20,
  description: 100,
} as const;

const lineWire = z.object({
  lineNumber: z.number().int(),
  accountNumber: words,
  postingDate: day,
  documentNumber: words,
  amount: decimalText,
});
const batchWire = z.object({ id: keyText, code: words });
const entryWire = z.object({
  id: keyText,
  documentNumber: words,
  postingDate: day,
  accountNumber: words,
  debitAmount: decimalText,
  creditAmount: decimalText,
});
type LineWire = z.infer<typeof lineWire>;

const digitsOf = (key: string): string => key.replaceAll("-", "").toUpperCase();
/** The batch and the document number that a key stands for. */
const codeOf = (key: string): string => `TO${digitsOf(key)}`.slice(0, SET.code);
const documentOf = (key: string): string => `TO${digitsOf(key)}`.slice(0, SET.documentNumber);

const lineNumber = (index: number): number => (index + 1) * 10_000;
const amountOf = ({ debit, credit }: JournalWriteLine): bigint => debit - credit;

/** What the settings of a company say of journals. */
export function planBusinessCentralJournals(settings: BusinessCentralSettings): JournalPlan {
  const journals = `${WIRE.company(settings.companyId)}/${SET.journals}`;
  return {
    lacks: settings.write === undefined ? LACKS : null,
    requests(write, key) {
      const { localCurrency } = settings;
      if (localCurrency !== undefined && localCurrency !== write.currency)
        throw new Refusal(
          "invalid",
          `Business Central's journals take no currency through this interface: they are in ${localCurrency}, and this one is in ${write.currency}.`,
        );
      return [
        {
          does: "Makes a journal of its own, which counts for nothing yet",
          method: "POST",
          path: journals,
          body: { code: codeOf(key), displayName: write.text.slice(0, SET.description) },
        },
        ...write.lines.map(
          (line, index): WireRequest => ({
            does: `Adds line ${index + 1} of ${write.lines.length}`,
            method: "POST",
            path: `${journals}({id})/${SET.lines}`,
            body: {
              lineNumber: lineNumber(index),
              accountType: SET.accountType,
              accountNumber: line.account,
              postingDate: write.postingDay,
              documentNumber: documentOf(key),
              amount: wireAmount(amountOf(line), write.currency),
              description: line.text.slice(0, SET.description),
            },
          }),
        ),
        {
          does: "Posts the journal",
          method: "POST",
          path: `${journals}({id})/${WIRE.actions.post}`,
          body: null,
        },
      ];
    },
  };
}

/** Posts journals to one company of Business Central, step by step. Our key is the document number of its entries. */
export function createBusinessCentralJournals(
  settings: BusinessCentralSettings,
  transport: Transport,
): JournalWriter {
  const plan = planBusinessCentralJournals(settings);
  const company = WIRE.company(settings.companyId);

  async function all<Wire extends z.ZodType>(
    path: string,
    filter: string | null,
    wire: Wire,
  ): Promise<readonly z.infer<Wire>[]> {
    const found: z.infer<Wire>[] = [];
    for await (const { entities, answer } of transport.pages(path, filter ? { $filter: filter } : {})) {
      for (const entity of entities) {
        const parsed = wire.safeParse(entity);
        if (!parsed.success)
          throw unexpectedAnswer(answer.address, "It lacks a field that a journal or an entry should have.");
        found.push(parsed.data);
      }
    }
    return found;
  }

  async function look(write: JournalWrite, key: string): Promise<JournalTrace> {
    const number = documentOf(key);
    const entries = await all(`${company}/${SET.entries}`, `documentNumber eq '${number}'`, entryWire);
    const [first] = entries;
    if (first)
      return {
        state: "done",
        id: first.id,
        number,
        postingDay: first.postingDate,
        lines: entries.map((entry) => ({
          account: entry.accountNumber ?? "",
          debit: parseAmount(entry.debitAmount, write.currency),
          credit: parseAmount(entry.creditAmount, write.currency),
        })),
      };
    const [batch] = await all(`${company}/${SET.journals}`, `code eq '${codeOf(key)}'`, batchWire);
    if (!batch) return { state: "none" };
    const lines = await all(`${company}/${SET.journals}(${idOf(batch.id)})/${SET.lines}`, null, lineWire);
    assertOwn(lines, write, number);
    return { state: "begun", id: batch.id, place: `${lines.length} lines` };
  }

  // What was looked at says how many lines it has: the next one follows, then posting.
  const nextOf = (write: JournalWrite, key: string, seen: JournalTrace): WireRequest | undefined =>
    seen.state === "done"
      ? undefined
      : plan.requests(write, key)[seen.state === "none" ? 0 : Number.parseInt(seen.place, 10) + 1];

  return {
    ...plan,
    look,
    next: (write, key, seen) => nextOf(write, key, seen)?.does ?? null,
    async advance(write, key, seen) {
      if (seen.state === "done") return seen;
      const request = nextOf(write, key, seen);
      if (!request) throw new Error("a journal can't have more lines than it was looked at with");
      const path = seen.state === "none" ? request.path : request.path.replace("{id}", idOf(seen.id));
      const { address } = await transport.send({
        method: "POST",
        path,
        ...(request.body !== null && { body: request.body }),
      });
      return afterTaking(address, () => look(write, key));
    },
    settles: (settings.write?.settlesSeconds ?? 600) * 1000,
  };
}

/** Ends it where the batch has other lines than ours: somebody wrote into it. */
function assertOwn(lines: readonly LineWire[], write: JournalWrite, number: string): void {
  const isOwn = (line: LineWire, index: number): boolean => {
    const own = write.lines[index];
    return (
      own !== undefined &&
      line.lineNumber === lineNumber(index) &&
      line.accountNumber === own.account &&
      line.documentNumber === number &&
      line.postingDate === write.postingDay &&
      parseAmount(line.amount, write.currency) === amountOf(own)
    );
  };
  if ([...lines].sort((a, b) => a.lineNumber - b.lineNumber).every(isOwn)) return;
  throw new Refusal(
    "invalid",
    "Its journal in Business Central has other lines than were approved: somebody changed it there. Delete that journal; nothing of it was posted.",
  );
}

/** Ids come from Business Central itself; what is none of its GUIDs goes into no path. */
function idOf(id: string): string {
  if (/^[0-9a-f-]{36}$/i.test(id)) return id;
  throw new Refusal("invalid", `"${id}" is no id of a journal in Business Central.`);
}
