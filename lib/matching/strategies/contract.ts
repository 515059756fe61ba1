import type pg from "pg";

/** What is needed to find out which group an ERP document belongs to. */
export type Placeable = Readonly<{
  id: string;
  connectionId: string;
  sourceId: string;
  kind: string;
  number: string;
  reference: string | null;
  originalNumber: string | null;
  /** the day by which its reference is read; null: not known */
  postingDay: string | null;
}>;

/** The group of a document, and the strategy that found it (null: none did, it is on its own). */
export type Placement = Readonly<{ orderKey: string; orderKnown: boolean; placedBy: string | null }>;

/** What a strategy has to go by. */
export type PlaceRequest = Readonly<{
  client: pg.ClientBase;
  entityId: string;
  /** documents that no more certain strategy has placed */
  documents: readonly Placeable[];
  /** every document that is being placed, and what was found for some of them */
  all: readonly Placeable[];
  placed: ReadonlyMap<string, Placement>;
  /** references as the rules of their connection read them, by document id */
  forms: ReadonlyMap<string, string>;
}>;

/**
 * How to add a strategy: one file in this folder that exports one of these, and one line in registry.ts at the place
 * its certainty earns. Those that place documents have `place`; it says where each document belongs that it is sure
 * of, and nothing of the others. Those that pair lines within a group work where lines are paired (lib/causes).
 */
export type Strategy = Readonly<{
  /** stable, kebab-case */
  code: string;
  /** what people call it */
  name: string;
  /** what it goes by, in a sentence */
  meaning: string;
  level: "document" | "line";
  place?(request: PlaceRequest): Promise<ReadonlyMap<string, Placement>>;
}>;
