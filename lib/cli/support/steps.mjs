// What a launcher prints: one line a step, what it did and how long it took.

/**
 * Runs one step and prints it.
 *
 * @param {string} title what is being done
 * @param {(say: (line: string) => void) => Promise<string | void>} work answers what came of it, in a few words
 */
export async function step(title, work) {
  const started = performance.now();
  const notes = [];
  let outcome;
  try {
    outcome = await work((line) => notes.push(line));
  } catch (error) {
    process.stdout.write(`✗ ${title} (${secondsSince(started)})\n`);
    throw error;
  }
  process.stdout.write(`✓ ${title}${outcome ? `: ${outcome}` : ""} (${secondsSince(started)})\n`);
  for (const note of notes) process.stdout.write(`${indented(note)}\n`);
}

/** Says that a step begins, where it may take long. */
export const announce = (line) => process.stdout.write(`… ${line}\n`);

export const indented = (text) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");

const secondsSince = (started) => `${((performance.now() - started) / 1000).toFixed(1)} s`;
