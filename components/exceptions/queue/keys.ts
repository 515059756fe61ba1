/** Everything that the queue does by a key, in the order in which the sheet of keys shows it. */
export const queueKeys = [
  { command: "next", keys: ["j"], does: "Next row or group" },
  { command: "previous", keys: ["k"], does: "Previous row or group" },
  { command: "select", keys: ["x"], does: "Select the row, or take it out again" },
  { command: "select-range", keys: ["X"], does: "Select all rows from the last selected one to this" },
  {
    command: "select-shown",
    keys: ["A"],
    does: "Select all rows shown; once more: all that match the filter",
  },
  { command: "open", keys: ["o", "Enter"], does: "Open the row beside the list; open or close a group" },
  { command: "assign", keys: ["a"], does: "Assign to somebody" },
  { command: "hand-over", keys: ["h"], does: "Hand over, with a reason" },
  { command: "resync", keys: ["r"], does: "Read the order again from both systems" },
  { command: "resolve", keys: ["e"], does: "Resolve: every way that there is, for one or for all selected" },
  { command: "wait", keys: ["s"], does: "Let it wait until a day" },
  { command: "comment", keys: ["c"], does: "Comment" },
  { command: "undo", keys: ["u"], does: "Take back what you did last" },
  { command: "search", keys: ["/"], does: "Search" },
  { command: "clear", keys: ["Escape"], does: "Clear the selection, or close the record" },
  {
    command: "palette",
    keys: ["⌘K", "Ctrl K"],
    does: "Find a command, a page, an order, a document or an exception",
  },
  { command: "help", keys: ["?"], does: "Show these keys" },
] as const;

export type QueueCommand = (typeof queueKeys)[number]["command"];

/** What decides about a key press. */
export type Pressed = Readonly<{ key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }>;

/**
 * The command of a key press, or null. Enter is the link's own. Without `singleKeys` (people who speak to their machine
 * switch them off) only the palette's key is left.
 */
export function commandOf(
  { key, ctrlKey, metaKey, altKey }: Pressed,
  singleKeys: boolean,
): QueueCommand | null {
  if (altKey) return null;
  if (ctrlKey || metaKey) return key.toLowerCase() === "k" ? "palette" : null;
  if (!singleKeys || key === "Enter") return null;
  return queueKeys.find(({ keys }) => keys.some((one) => one === key))?.command ?? null;
}

/** Whether what has the focus takes letters itself: then keys are not commands. */
export function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog[open]")) return true;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
