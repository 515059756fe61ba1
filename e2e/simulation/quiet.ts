/** Runs work without what it writes to the log of operations: of a simulation that would be thousands of lines. */
export async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { write } = process.stderr;
  process.stderr.write = () => true;
  try {
    return await work();
  } finally {
    process.stderr.write = write;
  }
}
