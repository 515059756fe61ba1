import { Refused } from "@/lib/sandbox/http";
import type { Json } from "@/lib/sandbox/scayle-item";

type Test = (entity: Json) => boolean;

const CONDITION = /^\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|[^\s'()]+)\s*(and\s+|$)/;

const bad = (message: string) => new Refused(400, "BadRequest", message);

/** Text and numbers compare as they are; times by instant, whatever their precision. */
function comparable(field: string, value: unknown): string | number {
  if (typeof value === "number") return value;
  const text = String(value);
  if (!field.endsWith("DateTime")) return text;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw bad(`'${text}' is not a valid DateTimeOffset literal.`);
  return instant;
}

function holds(operator: string, left: string | number, right: string | number): boolean {
  if (operator === "eq") return left === right;
  if (operator === "ne") return left !== right;
  if (operator === "gt") return left > right;
  if (operator === "ge") return left >= right;
  return operator === "lt" ? left < right : left <= right;
}

/**
 * The part of OData's $filter that is needed here: comparisons of a field with a literal, joined by `and`.
 * @throws Refused (400) for anything else, and for a field that the entity does not have
 */
export function parseFilter(filter: string): Test {
  const tests: Test[] = [];
  let rest = filter;
  while (rest.length > 0) {
    const [whole, field, operator, literal = ""] = CONDITION.exec(rest) ?? [];
    if (whole === undefined || field === undefined || operator === undefined) {
      throw bad(`Syntax error in the filter at '${rest}'.`);
    }
    const text = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal;
    tests.push((entity) => {
      if (!(field in entity)) throw bad(`Could not find a property named '${field}'.`);
      const left = comparable(field, entity[field]);
      const right =
        typeof left === "number" && !field.endsWith("DateTime") ? Number(text) : comparable(field, text);
      return holds(operator, left, right);
    });
    rest = rest.slice(whole.length);
    if (rest.length === 0 && /and\s+$/.test(whole)) throw bad("The filter ends with 'and'.");
  }
  return (entity) => tests.every((test) => test(entity));
}
