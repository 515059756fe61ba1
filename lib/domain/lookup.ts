import { objectOf } from "./json";

/*
 * How what people type is compared with what is held. The SQL functions lookup_compact and lookup_bare say the same as the
 * first two.
 */

/** A number as it is compared: its letters and digits alone. "DE-2026 / 004711" is "de2026004711". */
export const compactOf = (number: string): string => number.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The digits at the end of a number without leading zeros, as people call it without its prefix; "" where it has none. */
export const bareOf = (number: string): string => (/\d+$/.exec(number)?.[0] ?? "").replace(/^0+/, "");

const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/**
 * The words of a name without accents, in the spelling that names have in common: Müller, Mueller and MULLER are one.
 * Words of one letter are none.
 */
export function nameWords(name: string): readonly string[] {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/([aou])e/g, "$1");
  return [...new Set(plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1))].slice(0, WORDS_MAX);
}

const WORDS_MAX = 6;

/** Two words of a name in the one order in which they are held: people say first and last names either way round. */
export const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** A telephone number from its last digit to its first: prefixes differ, the end is what people agree on. */
export const phoneTerm = (phone: string): string => [...phone.replace(/\D/g, "")].reverse().join("");

/** What in a customer's data an order is found by. */
export type PersonalTerms = Readonly<{
  customer: readonly Readonly<{ kind: "email" | "name" | "phone"; term: string }>[];
  /** words of names, for what is spelled alike */
  words: readonly string[];
  /** as stated */
  tracking: readonly string[];
}>;

const PHONE_DIGITS_MIN = 6;
const LONGEST = 120;

/** Reads what people look for out of the personal part of an order, wherever in it it stands. */
export function termsOfPersonal(data: unknown): PersonalTerms {
  const said = { names: new Set<string>(), emails: new Set<string>(), phones: new Set<string>() };
  const tracking = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const here = objectOf(value);
    const [first, last] = [textOf(here["firstName"]), textOf(here["lastName"])];
    if (first || last) said.names.add(`${first} ${last}`);
    for (const name of ["fullName", "accountHolder"])
      if (textOf(here[name])) said.names.add(textOf(here[name]));
    for (const name of ["email", "emailAddress"]) if (textOf(here[name])) said.emails.add(textOf(here[name]));
    for (const name of ["phone", "phoneNumber", "mobile"])
      if (textOf(here[name])) said.phones.add(textOf(here[name]));
    const contact = textOf(here["value"]);
    if (contact && "type" in here) (contact.includes("@") ? said.emails : said.phones).add(contact);
    const parcel = textOf(objectOf(here["tracking"])["id"]);
    if (parcel) tracking.add(parcel);
    for (const member of Object.values(here)) visit(member);
  };
  visit(data);

  const words = [...said.names].map(nameWords);
  const names = words.flatMap((some) => [
    ...some,
    ...some.flatMap((word, index) => some.slice(index + 1).map((other) => pairOf(word, other))),
  ]);
  const phones = [...said.phones].map(phoneTerm).filter((term) => term.length >= PHONE_DIGITS_MIN);
  return {
    customer: [
      ...[...said.emails].map((email) => ({ kind: "email" as const, term: email.toLowerCase() })),
      ...[...new Set(names)].map((term) => ({ kind: "name" as const, term })),
      ...[...new Set(phones)].map((term) => ({ kind: "phone" as const, term })),
    ],
    words: [...new Set(words.flat())],
    tracking: [...tracking],
  };
}

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, LONGEST) : "";

const DIGITS = "0123456789";
const ALPHABET = `abcdefghijklmnopqrstuvwxyz${DIGITS}`;

/**
 * Everything that is one slip away from a text: a sign left out, doubled, mistaken or two exchanged. In numbers of digits
 * only digits are put in. For texts of 4 to 40 signs; nothing for others.
 */
export function slipsOf(text: string, more = ""): readonly string[] {
  if (text.length < 4 || text.length > 40) return [];
  const signs = /^\d+$/.test(text) ? DIGITS : ALPHABET + more;
  const slips = new Set<string>();
  for (let at = 0; at <= text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at)];
    for (const sign of signs) slips.add(before + sign + after);
    if (after === "") continue;
    slips.add(before + after.slice(1));
    if (after.length > 1) slips.add(before + after[1] + after[0] + after.slice(2));
    for (const sign of signs) slips.add(before + sign + after.slice(1));
  }
  slips.delete(text);
  return [...slips];
}

/** A word with two of its neighbouring letters exchanged, each way: also of words that are too short for `slipsOf`. */
export const swapsOf = (word: string): readonly string[] => {
  const signs = [...word];
  return signs.slice(1).flatMap((sign, index) => {
    const before = signs[index] ?? "";
    if (before === sign) return [];
    return [[...signs.slice(0, index), sign, before, ...signs.slice(index + 2)].join("")];
  });
};

const LABELS =
  "order|orders|bestellung|bestellnummer|bestellnr|auftrag|auftragsnummer|auftragsnr|commande|invoice|rechnung|rechnungsnummer|rechnungsnr|credit|note|tracking|parcel|sendung|sendungsnummer|paket|reference|ref|referenz|number|num|nummer|nr|no|id|my|your|meine|deine|ihre";
const LABEL = new RegExp(`(?<=^|[\\s#:.,(])(?:${LABELS})(?=$|[\\s#:.,)])`, "gi");

/**
 * A number without the words that only say what it is: "Order no. DE-1000" and "Bestellung #DE-1000" are "DE-1000". Texts
 * without a digit, and addresses, stay as they are.
 */
export function withoutLabels(text: string): string {
  if (text.includes("@") || !/\d/.test(text)) return text;
  const rest = text
    .replace(LABEL, " ")
    .replace(/\s+/g, " ")
    .replace(/^[\s#:.,()№°]+|[\s#:.,()]+$/gu, "");
  return /\d/.test(rest) && rest !== text.replace(/\s+/g, " ") ? rest : text;
}
