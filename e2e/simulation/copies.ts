import { Writable } from "node:stream";

/**
 * A COPY that breaks between two of its rows: one that sends has sent about half of them and no end, one that reads has
 * read about half. Then `ends` takes its connection away.
 */
export function brokenCopy(stream: unknown, ends: () => Promise<unknown>): unknown {
  if (stream instanceof Writable) return halfSent(stream, ends);
  return halfRead(stream as AsyncIterable<Uint8Array>, ends);
}

const NEWLINE = 10;

/** The place after the row in the middle; of a single row its middle. */
function middleOf(rows: Uint8Array): number {
  const half = Math.floor(rows.length / 2);
  const end = rows.indexOf(NEWLINE, half) + 1;
  const before = rows.lastIndexOf(NEWLINE, half) + 1;
  return before > 0 ? before : end > 0 && end < rows.length ? end : half;
}

/** What pg-copy-streams sends rows with; false: it waits until the connection takes more, which this one never does. */
type Sender = { flushChunk(rows: Uint8Array): boolean };

function halfSent(stream: Writable, ends: () => Promise<unknown>): Writable {
  const sender = stream as unknown as Sender;
  const send = sender.flushChunk.bind(stream);
  let isBroken = false;
  sender.flushChunk = (rows) => {
    if (isBroken) return false;
    isBroken = true;
    send(rows.subarray(0, middleOf(rows)));
    // The connection's end is what the COPY hears of.
    ends().catch(() => undefined);
    return false;
  };
  return stream;
}

async function* halfRead(
  stream: AsyncIterable<Uint8Array>,
  ends: () => Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  let isBroken = false;
  for await (const rows of stream) {
    if (!isBroken) yield rows.subarray(0, middleOf(rows));
    isBroken = true;
  }
  await ends();
  throw new Error("Connection terminated unexpectedly");
}
