import { InvalidArgumentError } from "commander";
import { type Role, roles } from "@/lib/auth/permissions";

/** YYYY-MM, as an option's value. */
export function period(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError("It is a month, like 2026-10.");
}

/** YYYY-MM-DD, as an option's value. */
export function day(text: string): string {
  const instant = new Date(`${text}T00:00:00Z`);
  if (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(instant.getTime()) &&
    instant.toISOString().startsWith(text)
  )
    return text;
  throw new InvalidArgumentError("It is a day, like 2026-10-31.");
}

/** A moment with its zone, as an option's value. */
export function instant(text: string): Date {
  const moment = new Date(text);
  if (/T\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError("It is a moment with its zone, like 2026-11-02T06:00+01:00.");
}

/** An ISO 4217 code, as an option's value; upper case whatever was typed. */
export function currency(text: string): string {
  const code = text.trim().toUpperCase();
  if (Intl.supportedValuesOf("currency").includes(code)) return code;
  throw new InvalidArgumentError("It is an ISO 4217 code, like EUR.");
}

/** An IANA time zone, as an option's value. */
export function timeZone(text: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError("It is an IANA time zone, like Europe/Amsterdam.");
  }
}

/** An http(s) address, as an option's value. */
export function address(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It is an address, like http://127.0.0.1:4000.");
}

/** Whole hours, as an option's value. */
export function hours(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a number of hours, like 72.");
}

/** What people call the roles beside their names. */
const SHORT_NAMES: Readonly<Record<string, Role>> = {
  admin: "administrator",
  controller: "finance-reviewer",
  cx: "customer-service",
  ops: "operations",
  preparer: "finance-preparer",
  reviewer: "finance-reviewer",
  service: "customer-service",
};

/** A role, as an option's value: its name however it is spelled, or its short name. */
export function role(text: string): Role {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");
  const found = roles.find((one) => one === name) ?? SHORT_NAMES[name];
  if (found) return found;
  throw new InvalidArgumentError(`It is one of ${roles.join(", ")}.`);
}
