import { z } from "zod";
import { addMonths, SECOND } from "@/lib/sandbox/calendar";
import { type Call, jsonOf, Refused } from "@/lib/sandbox/http";
import { makeGuid } from "@/lib/sandbox/random";
import { type EntityCode, LEDGER_ACCOUNTS } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";
import type { Asked } from "@/lib/sandbox/write-faults";
import type { Journal } from "@/lib/sandbox/writes";

/*
 * General journals as Business Central's API has them: a batch, its lines, the bound action `post`, and the entries that it makes
 * in the general ledger. The texts in quotes of its API pages are theirs; those of the application below them are from memory of it.
 */

/** The journals of one company. */
export type JournalDesk = Readonly<{
  entity: EntityCode;
  /** the month in which the sandbox's world ends */
  anchor: string;
  journals(): readonly Journal[];
  booksOpenFrom(): string | null;
}>;

const bad = (message: string, code = "BadRequest") => new Refused(400, code, message);
const dialog = (message: string) => bad(message, "Application_DialogException");
const NOT_FOUND = new Refused(404, "BadRequest_NotFound", "The resource was not found.");

const batchBody = z.looseObject({ code: z.string().min(1), displayName: z.string().default("") });
const lineBody = z.looseObject({
  lineNumber: z.number().int().positive(),
  accountType: z.literal("G/L Account").default("G/L Account"),
  accountNumber: z.string(),
  postingDate: z.iso.date(),
  documentNumber: z.string(),
  amount: z.number(),
  description: z.string().max(100).default(""),
});

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw bad(`The request body is not valid. ${z.prettifyError(result.error)}`);
}

function tooLong(text: string, most: number): void {
  if (text.length > most)
    throw bad(
      `The length of the string is ${text.length}, but it must be less than or equal to ${most} characters. Value: ${text}`,
      "Application_StringExceededLength",
    );
}

const REFUSED = dialog("The combination of dimensions used in the journal is blocked.");

/** A new batch. */
export function askJournal(call: Call, desk: JournalDesk): Asked {
  const body = parsed(batchBody, jsonOf(call.body));
  return {
    kind: "journal",
    reference: body.code,
    at: call.at,
    refusal: REFUSED,
    decide() {
      tooLong(body.code, 10);
      // Codes are capital letters.
      const code = body.code.toUpperCase();
      if (own(desk).some((one) => one.code === code))
        throw bad(
          `The record in table Gen. Journal Batch already exists. Name='${code}'`,
          "Internal_EntityWithSameKeyExists",
        );
      const at = call.at - (call.at % SECOND);
      const journal: Journal = {
        id: makeGuid("journal", desk.entity, code, desk.journals().length),
        entity: desk.entity,
        code,
        name: body.displayName,
        lines: [],
        entries: [],
      };
      return {
        reply: { status: 201, body: batchJson(journal) },
        happened: [{ what: "journal", at, journal }],
      };
    },
  };
}

/** One more line of a batch. */
export function askJournalLine(call: Call, id: string, desk: JournalDesk): Asked {
  const body = parsed(lineBody, jsonOf(call.body));
  const journal = existing(id, desk);
  return {
    kind: "journal-line",
    reference: journal.code,
    at: call.at,
    refusal: REFUSED,
    decide() {
      tooLong(body.documentNumber, 20);
      if (!LEDGER_ACCOUNTS.has(body.accountNumber))
        throw dialog('The "accountNumber" does not match to an Account.');
      if (journal.lines.some((one) => one.number === body.lineNumber))
        throw bad(
          "The record in table Gen. Journal Line already exists.",
          "Internal_EntityWithSameKeyExists",
        );
      const at = call.at - (call.at % SECOND);
      const line = {
        number: body.lineNumber,
        account: body.accountNumber,
        date: body.postingDate,
        document: body.documentNumber,
        amount: BigInt(Math.round(body.amount * 100)),
        description: body.description,
      };
      const next = { ...journal, lines: [...journal.lines, line] };
      return {
        reply: { status: 201, body: lineJson(next, line) },
        happened: [{ what: "journal", at, journal: next }],
      };
    },
  };
}

/** The bound action `post` of a batch: all its lines, or none. */
export function askJournalPost(call: Call, id: string, desk: JournalDesk): Asked {
  const journal = existing(id, desk);
  return {
    kind: "journal-post",
    reference: journal.code,
    at: call.at,
    refusal: REFUSED,
    decide() {
      if (journal.lines.length === 0) throw dialog("There is nothing to post.");
      const from = desk.booksOpenFrom() ?? `${addMonths(desk.anchor, -2)}-01`;
      const early = journal.lines.find((line) => line.date < from);
      if (early)
        throw dialog(
          `Posting Date is not within your range of allowed posting dates in Gen. Journal Line Journal Batch Name='${journal.code}',Line No.='${early.number}'.`,
        );
      const documents = new Set(journal.lines.map((line) => `${line.document} ${line.date}`));
      for (const document of documents) {
        const off = journal.lines
          .filter((line) => `${line.document} ${line.date}` === document)
          .reduce((sum, line) => sum + line.amount, 0n);
        if (off !== 0n)
          throw dialog(`The lines of document ${document} are out of balance by ${Number(off) / 100}.`);
      }
      const at = call.at - (call.at % SECOND);
      const next = { ...journal, lines: [], entries: [...journal.entries, ...journal.lines] };
      return { reply: { status: 204, body: {} }, happened: [{ what: "journal", at, journal: next }] };
    },
  };
}

const own = (desk: JournalDesk): readonly Journal[] =>
  desk.journals().filter(({ entity }) => entity === desk.entity);

function existing(id: string, desk: JournalDesk): Journal {
  const found = own(desk).find((one) => one.id === id.toLowerCase());
  if (found) return found;
  throw NOT_FOUND;
}

type Line = Journal["lines"][number];

const batchJson = ({ id, code, name }: Journal): Json => ({
  id,
  code,
  displayName: name,
  templateDisplayName: "GENERAL",
  balancingAccountId: "00000000-0000-0000-0000-000000000000",
  balancingAccountNumber: "",
});

const major = (minor: bigint): number => Number(minor) / 100;

const lineJson = (journal: Journal, line: Line): Json => ({
  id: makeGuid("journal-line", journal.id, line.number),
  journalId: journal.id,
  journalDisplayName: journal.code,
  lineNumber: line.number,
  accountType: "G/L Account",
  accountNumber: line.account,
  postingDate: line.date,
  documentNumber: line.document,
  externalDocumentNumber: "",
  amount: major(line.amount),
  description: line.description,
});

/** What is listed of journals: batches, the lines of one, or the entries that were posted; null: nothing of that name. */
export function journalsJson(
  segments: readonly Readonly<{ name: string; id: string | null }>[],
  desk: JournalDesk,
): Json[] | null {
  const [first, second] = segments;
  if (first?.name === "generalLedgerEntries" && segments.length === 1)
    return own(desk).flatMap((journal) =>
      journal.entries.map((line, index) => ({
        id: makeGuid("ledger-entry", journal.id, index),
        entryNumber: index + 1,
        postingDate: line.date,
        documentNumber: line.document,
        documentType: " ",
        accountNumber: line.account,
        description: line.description,
        debitAmount: line.amount > 0n ? major(line.amount) : 0,
        creditAmount: line.amount < 0n ? major(-line.amount) : 0,
      })),
    );
  if (first?.name !== "journals") return null;
  if (first.id === null) return own(desk).map(batchJson);
  if (second?.name !== "journalLines") return null;
  const journal = existing(first.id, desk);
  return journal.lines.map((line) => lineJson(journal, line));
}
