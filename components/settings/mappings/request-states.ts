import type { Tone } from "@/components/ui/tone";
import type { RequestView } from "@/lib/mappings/loaders";

/** What became of a request, in a word. */
export const requestStates: Readonly<Record<RequestView["state"], Readonly<{ word: string; tone: Tone }>>> = {
  asked: { word: "Waits for approval", tone: "attention" },
  made: { word: "Made", tone: "agrees" },
  rejected: { word: "Rejected", tone: "neutral" },
  withdrawn: { word: "Withdrawn", tone: "neutral" },
};

/** What a request is about: its first row, and how many more it has. */
export const requestWords = (first: string, rows: number): string =>
  rows > 1 ? `${first}, and ${(rows - 1).toLocaleString("en")} more` : first;
