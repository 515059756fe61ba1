import { Badge } from "@/components/ui/badge";

/** What sort of fault it is, and what helps. */
export const errorClassWords: Readonly<Record<string, Readonly<{ name: string; help: string }>>> = {
  value: { name: "Value", help: "A value is not what it has to be: correct it at its source, then retry." },
  "missing-reference": {
    name: "Missing reference",
    help: "It names something that is not there: add it at its source, then retry.",
  },
  connection: { name: "Connection", help: "Its source could not answer: it is tried again by itself." },
  "rate-limit": {
    name: "Rate limit",
    help: "Its source had no more answers to give: it is tried again by itself.",
  },
  permission: {
    name: "Permission",
    help: "Our credentials may not read it: give them the right, then retry.",
  },
  "too-large": { name: "Too large", help: "It is more than is accepted at once: it needs somebody." },
  duplicate: {
    name: "Duplicate",
    help: "It is there twice under one id: its source has to say which counts.",
  },
  schema: {
    name: "Schema",
    help: "It has another form than expected: the connector has to learn it, then retry.",
  },
};

/** The class of a failed record, in a word. */
export function ErrorClassBadge({ errorClass }: Readonly<{ errorClass: string }>) {
  return <Badge tone="broken">{errorClassWords[errorClass]?.name ?? errorClass}</Badge>;
}
