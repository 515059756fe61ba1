import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { COLUMNS, type Column, type ImportSide } from "./columns";

const oneCharacter = z.string().length(1);

/** What a file is like. Declared, never guessed. */
const profileFile = z.strictObject({
  name: z.string().min(1).optional(),
  side: z.enum(["sales", "ledger"]),
  encoding: z.enum(["utf-8", "windows-1252"]).default("utf-8"),
  delimiter: oneCharacter.default(","),
  quote: oneCharacter.default('"'),
  /** row of the column names; what stands above it is passed over */
  headerRow: z.number().int().min(1).default(1),
  decimalMark: z.enum([".", ","]).default("."),
  /** what groups thousands, if anything */
  groupMark: z.enum([".", ",", " ", "'"]).optional(),
  dateFormat: z
    .enum(["YYYY-MM-DD", "YYYYMMDD", "DD.MM.YYYY", "DD/MM/YYYY", "DD-MM-YYYY", "MM/DD/YYYY"])
    .default("YYYY-MM-DD"),
  /** signed: sale +, credit −. credit-positive: credits are written without a sign and turned here. */
  sign: z.enum(["signed", "credit-positive"]).default("signed"),
  /** 0.19 or 19; `either` takes a rate above 1 as per cent */
  taxRate: z.enum(["either", "fraction", "percent"]).default("either"),
  /** our column name → theirs; left out: they use ours. Once given, only what is named is read. */
  columns: z.record(z.string(), z.string().min(1)).optional(),
  /** our column name → the value that every row has */
  constants: z.record(z.string(), z.string()).default({}),
  /** our column name → their value → ours, for document_type, document_status and line_kind */
  values: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});

export type Profile = Omit<z.output<typeof profileFile>, "name" | "columns"> &
  Readonly<{
    name: string;
    /** name and content: the same file read by another profile is another import */
    key: string;
    columns: ReadonlyMap<Column, string>;
    /** whether the profile named its columns, so that each one must be there */
    namesColumns: boolean;
  }>;

/** A profile out of the content of its JSON file. Throws a Refusal that says what is wrong with it. */
export function readProfile(text: string, name: string): Profile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Refusal("invalid", `The profile ${name} is not JSON.`);
  }
  const parsed = profileFile.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(
      "invalid",
      `The profile ${name} is wrong at ${placeOf(issue)}: ${issue?.message ?? ""}`,
    );
  }
  return profileFrom(parsed.data, name);
}

/** The profile that uses our own column names: comma, UTF-8, decimal point, ISO dates, signed amounts. */
export const builtInProfile = (side: ImportSide): Profile => profileFrom(profileFile.parse({ side }), side);

/**
 * The profile a person asked for: none or "sales"/"ledger" is the built-in one, anything else the path of a JSON file.
 * Throws a Refusal when it can't be read or is for the other side.
 */
export async function findProfile(
  wanted: string | null,
  side: ImportSide,
  readText: (path: string) => Promise<string>,
): Promise<Profile> {
  if (wanted === null || wanted === side) return builtInProfile(side);
  if (wanted === "sales" || wanted === "ledger")
    throw new Refusal(
      "invalid",
      `The profile ${wanted} is for ${wanted} files; this is imported as ${side}.`,
    );
  const text = await readText(wanted).catch((cause: unknown) => {
    const words = cause instanceof Error ? ` (${cause.message})` : "";
    throw new Refusal("not-found", `There is no profile ${wanted}: give the path of its JSON file${words}.`);
  });
  const profile = readProfile(text, wanted);
  if (profile.side === side) return profile;
  throw new Refusal(
    "invalid",
    `The profile ${wanted} is for ${profile.side} files; this is imported as ${side}.`,
  );
}

function profileFrom(content: z.output<typeof profileFile>, name: string): Profile {
  const known = new Set<string>(COLUMNS[content.side]);
  const isColumn = (column: string): column is Column => known.has(column);
  const named = [content.columns ?? {}, content.constants, content.values].flatMap(Object.keys);
  const stranger = named.find((column) => !isColumn(column));
  if (stranger !== undefined) {
    throw new Refusal(
      "invalid",
      `The profile ${name} names the column "${stranger}", which ${content.side} files don't have. They have: ${[...known].join(", ")}.`,
    );
  }
  if (content.delimiter === content.quote || content.delimiter === "\n" || content.delimiter === "\r")
    throw new Refusal("invalid", `The profile ${name} has a delimiter that can't be one.`);
  if (content.groupMark === content.decimalMark)
    throw new Refusal("invalid", `The profile ${name} has the same mark for decimals and thousands.`);
  const pairs = content.columns
    ? Object.entries(content.columns)
    : COLUMNS[content.side].map((column) => [column, column] as const);
  return {
    ...content,
    name: content.name ?? name,
    key: `${content.name ?? name}@${hashOf(toJson(content)).slice(0, 12)}`,
    columns: new Map(pairs.flatMap(([column, header]) => (isColumn(column) ? [[column, header]] : []))),
    namesColumns: content.columns !== undefined,
  };
}

const placeOf = (issue: z.core.$ZodIssue | undefined): string =>
  issue?.path.map(String).join(".") || "its start";
