import { objectOf } from "@/lib/domain/json";
import { type PersonalRules, splitPersonal } from "../personal";

const ADDRESS = ["countryCode"];

/**
 * What of a SCAYLE payload is personal. Of customers, addresses and payments only what is named here stays; free-form
 * bags (`legacyCustomData`) may hold anything and are moved whole.
 */
const RULES: PersonalRules = {
  keepOnly: {
    customer: ["id", "type", "groups", "status"],
    address: ["shipping", "billing", "forward"],
    addresses: ["shipping", "billing", "forward"],
    shippingAddress: ADDRESS,
    billingAddress: ADDRESS,
    loyaltyCard: ["points"],
    membershipDiscount: ["pointsUsed", "reductionValue", "tax"],
  },
  move: new Set([
    "legacycustomdata",
    "customdata",
    "contacts",
    "data",
    "tracking",
    "recipient",
    "firstname",
    "lastname",
    "fullname",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "mobile",
    "fax",
    "birthdate",
    "dateofbirth",
    "gender",
    "street",
    "housenumber",
    "streethousenumber",
    "additional",
    "zipcode",
    "postalcode",
    "city",
    "state",
    "collectionpoint",
    "taxnumber",
    "vatid",
    "iban",
    "bic",
    "accountholder",
    "cardnumber",
    "ip",
    "ipaddress",
  ]),
};

/** A SCAYLE order without personal data, and that data under the customer it belongs to. */
export function splitOrder(payload: unknown): Readonly<{
  payload: unknown;
  personal: Readonly<{ customerKey: string; data: unknown }> | null;
}> {
  const { rest, personal } = splitPersonal(payload, RULES);
  if (personal === undefined) return { payload: rest, personal: null };
  return { payload: rest, personal: { customerKey: customerKeyOf(payload), data: personal } };
}

/** SCAYLE's customer id, else the customer's own keys, else the order: a guest has no other handle. */
function customerKeyOf(payload: unknown): string {
  const order = objectOf(payload);
  const customer = objectOf(order["customer"]);
  const named = [customer["id"], customer["referenceKey"], customer["publicKey"]].find(isKey);
  return named === undefined ? `order:${String(order["id"] ?? "")}` : String(named);
}

const isKey = (value: unknown): value is string | number =>
  (typeof value === "string" && value !== "") || typeof value === "number";
