import type { BookDocument, DocumentKind } from "@/lib/domain/document";
import { objectOf } from "@/lib/domain/json";
import type { Reading } from "../contract";
import { type PersonalRules, splitPersonal } from "../personal";
import { readInstant, unreadable } from "../wire-values";
import { documentControls } from "./control";
import { type Surroundings, translateDocument } from "./translate";
import { documentWire, WIRE } from "./wire";

// Countries stay, for tax; everything else that says who it was or where they live goes.
const RULES: PersonalRules = {
  keepOnly: {
    sellingPostalAddress: ["countryLetterCode"],
    billingPostalAddress: ["countryLetterCode"],
    shippingPostalAddress: ["countryLetterCode"],
  },
  move: new Set(
    [
      ["customerName", "billToName", "shipToName", "shipToContact", "phoneNumber", "email"],
      ["sellToAddressLine1", "sellToAddressLine2", "sellToCity", "sellToState", "sellToPostCode"],
      ["billToAddressLine1", "billToAddressLine2", "billToCity", "billToState", "billToPostCode"],
      ["shipToAddressLine1", "shipToAddressLine2", "shipToCity", "shipToState", "shipToPostCode"],
    ]
      .flat()
      .map((name) => name.toLowerCase()),
  ),
};

/** One document as a reading: personal data split off first, then read; a payload that can't be read says why. */
export function readDocument(
  kind: DocumentKind,
  raw: unknown,
  surroundings: Surroundings,
): Reading<BookDocument> {
  const { rest: payload, personal } = splitPersonal(raw, RULES);
  const parsed = documentWire[kind].safeParse(payload);
  const label = labelOf(payload);
  return {
    sourceId: label.id,
    reference: label.number,
    modifiedAt: label.modifiedAt,
    payload,
    personal: personal === undefined ? null : { customerKey: customerKeyOf(raw, label.id), data: personal },
    controls: documentControls(kind, payload, surroundings.localCurrency),
    result: parsed.success
      ? translateDocument(kind, parsed.data, surroundings)
      : unreadable(parsed.error, payload),
  };
}

/** Ids of the variants that a document's lines name. */
export function variantIdsOf(kind: DocumentKind, raw: unknown): readonly string[] {
  const lines = objectOf(raw)[WIRE.sets[kind].lines];
  if (!Array.isArray(lines)) return [];
  return lines
    .map((line) => objectOf(line)["itemVariantId"])
    .filter((id) => typeof id === "string")
    .filter((id) => id !== "" && id !== WIRE.noGuid)
    .map((id) => id.toLowerCase());
}

/** The id of a document's payment terms, if it names some. */
export function paymentTermsOf(raw: unknown): readonly string[] {
  const id = objectOf(raw)["paymentTermsId"];
  return typeof id === "string" && id !== "" && id !== WIRE.noGuid ? [id.toLowerCase()] : [];
}

// Retailers post to collective customers, so a customer number alone would join strangers.
const customerKeyOf = (raw: unknown, id: string): string =>
  `${String(objectOf(raw)["customerNumber"] ?? "")}:${id}`;

function labelOf(payload: unknown): { id: string; number: string | null; modifiedAt: Date | null } {
  const document = objectOf(payload);
  const [id, number, modified] = [document["id"], document["number"], document["lastModifiedDateTime"]];
  return {
    id: typeof id === "string" ? id.trim() : "",
    number: typeof number === "string" && number.trim() !== "" ? number.trim() : null,
    modifiedAt: typeof modified === "string" ? readInstant(modified) : null,
  };
}
