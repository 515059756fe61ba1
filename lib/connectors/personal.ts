/** Which members of a payload are personal. `keep` and `move` go by the name of a member, wherever it stands. */
export type PersonalRules = Readonly<{
  /** name of an object → what of it is not personal; the rest of it is moved. */
  keepOnly: Readonly<Record<string, readonly string[]>>;
  /** names that are personal wherever they stand, compared in lower case */
  move: ReadonlySet<string>;
}>;

type Split = Readonly<{ rest: unknown; personal: unknown }>;

/**
 * Splits personal data off a payload: `rest` is the payload without it, `personal` holds it in the same places, and is
 * undefined where there is none. Goes by names and not by the schema, so that payloads which can't be read are split too.
 */
export function splitPersonal(value: unknown, rules: PersonalRules): Split {
  if (Array.isArray(value)) return splitList(value, rules);
  if (typeof value !== "object" || value === null) return { rest: value, personal: undefined };
  return splitMembers(value, (name, member) => {
    if (rules.move.has(name.toLowerCase())) return moved(member);
    const kept = rules.keepOnly[name];
    return kept ? splitByName(member, kept, rules) : splitPersonal(member, rules);
  });
}

function splitByName(value: unknown, kept: readonly string[], rules: PersonalRules): Split {
  if (Array.isArray(value)) return joined(value.map((one) => splitByName(one, kept, rules)));
  if (typeof value !== "object" || value === null) return moved(value);
  return splitMembers(value, (name, member) =>
    kept.includes(name) ? splitPersonal(member, rules) : moved(member),
  );
}

// Nothing is lost by moving null, and nothing is told.
const moved = (value: unknown): Split => ({ rest: undefined, personal: value ?? undefined });

const splitList = (values: readonly unknown[], rules: PersonalRules): Split =>
  joined(values.map((one) => splitPersonal(one, rules)));

function joined(parts: readonly Split[]): Split {
  const personal = parts.map((part) => part.personal ?? null);
  return {
    rest: parts.map((part) => part.rest ?? null),
    personal: personal.every((part) => part === null) ? undefined : personal,
  };
}

function splitMembers(value: object, split: (name: string, member: unknown) => Split): Split {
  const rest: [string, unknown][] = [];
  const personal: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const part = split(name, member);
    if (part.rest !== undefined) rest.push([name, part.rest]);
    if (part.personal !== undefined) personal.push([name, part.personal]);
  }
  return {
    rest: Object.fromEntries(rest),
    personal: personal.length === 0 ? undefined : Object.fromEntries(personal),
  };
}
