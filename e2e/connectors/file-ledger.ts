import { Readable } from "node:stream";
import type { LedgerSource, Page, Reading } from "@/lib/connectors/contract";
import type { BookDocument } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import { builtInProfile } from "@/lib/import/profile";
import { parseImport, streamImport } from "@/lib/import/read";

const options = {
  profile: builtInProfile("ledger"),
  entity: { currency: "EUR", timeZone: "Europe/Berlin" },
} as const;

/**
 * A ledger file as a source: read as a stream, as the import does where it can. A "page" is what the import hands on, and
 * its size that of the pieces that the bytes come in.
 */
export function fileLedger(text: string): LedgerSource {
  const bytes = (size = 65_536) =>
    Readable.from(
      (function* pieces() {
        const all = Buffer.from(text, "utf8");
        for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
      })(),
    );

  async function* documents(pageSize: number | undefined): AsyncGenerator<Page<BookDocument>> {
    const read: Reading<BookDocument>[] = [];
    const taken = await streamImport(bytes(pageSize), options, async (portion) => {
      for (const { document, control } of portion.documents)
        read.push({
          sourceId: document.sourceId,
          reference: document.number,
          modifiedAt: document.modifiedAt,
          payload: rowsOf(text, document.number),
          personal: null,
          controls: [control],
          result: { ok: true, value: document },
        });
    });
    if (taken.errorCount > 0) throw new Refusal("invalid", `${taken.errorCount} rows can't be read.`);
    const half = Math.ceil(read.length / 2);
    yield { readings: read.slice(0, half), sourceTime: null, last: false };
    yield { readings: read.slice(half), sourceTime: null, last: true };
  }

  return {
    side: "erp",
    test: async () => ({ ok: true, sees: ["a ledger file"], problems: [] }),
    capabilities: { lineTax: "reported", incrementalDocuments: false, deletionsVisible: false, write: false },
    documents: ({ pageSize }) => documents(pageSize),
    async documentsOf(reference) {
      const readings: Reading<BookDocument>[] = [];
      for await (const page of documents(undefined))
        readings.push(
          ...page.readings.filter(({ result }) => result.ok && result.value.reference === reference),
        );
      return readings;
    },
    taxCodes: async () => [],
    // The other way to read a file: as a whole, with rows in any order.
    async count({ from, to }) {
      const { documents: all } = await parseImport(bytes(), options);
      const records = all
        .filter(({ postingDay }) => postingDay !== null && postingDay >= from && postingDay <= to)
        .map(({ kind, sourceId, number, postingDay, modifiedAt }) => ({
          ...{ kind, sourceId, number, modifiedAt },
          day: postingDay,
        }));
      return { method: "the file read as a whole", records, stated: null, sourceTime: null };
    },
  };
}

/** The rows of a document, as they stand in the file. */
const rowsOf = (text: string, number: string) => ({
  rows: text.split("\n").filter((row) => row.split(",").includes(number)),
});
