import { makeHex, makeRandom } from "@/lib/sandbox/random";
import type { SandboxShop } from "@/lib/sandbox/retailer";

/** Somebody who does not exist, with the fields of SCAYLE's customer and address. */
export type Customer = {
  id: number;
  key: string;
  firstName: string;
  lastName: string;
  gender: "m" | "f" | "d";
  birthDate: string;
  email: string;
  phone: string;
  street: string;
  houseNumber: string;
  zipCode: string;
  city: string;
  guest: boolean;
};

const FIRST_NAMES = [
  "Anna",
  "Ben",
  "Clara",
  "David",
  "Emma",
  "Felix",
  "Greta",
  "Hannah",
  "Ida",
  "Jonas",
  "Karl",
  "Lena",
  "Mia",
  "Noah",
  "Olivia",
  "Paul",
  "Quentin",
  "Rosa",
  "Sophie",
  "Tom",
] as const;
const LAST_NAMES = [
  "Adler",
  "Bauer",
  "Clarke",
  "Dietrich",
  "Evans",
  "Fischer",
  "Gruber",
  "Hofmann",
  "Irving",
  "Jansen",
  "Keller",
  "Lindner",
  "Moser",
  "Novak",
  "Owens",
  "Pichler",
  "Richter",
  "Steiner",
  "Turner",
  "Wagner",
] as const;
const PLACES: Record<string, readonly [readonly [string, string], ...(readonly [string, string])[]]> = {
  DE: [
    ["Hamburg", "20457"],
    ["Berlin", "10117"],
    ["München", "80331"],
    ["Köln", "50667"],
  ],
  AT: [
    ["Wien", "1010"],
    ["Graz", "8010"],
    ["Linz", "4020"],
  ],
  GB: [
    ["London", "EC1A 1BB"],
    ["Leeds", "LS1 4AP"],
    ["Bristol", "BS1 5TR"],
  ],
};
const STREETS = [
  "Gartenstraße",
  "Lindenweg",
  "Mill Lane",
  "Hauptstraße",
  "Station Road",
  "Ringstraße",
] as const;

/** The customer with this number in the shop; the same number is the same person each time. */
export function makeCustomer(seed: number, shop: SandboxShop, number: number): Customer {
  const random = makeRandom(seed, "customer", shop.id, number);
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const [city, zipCode] = random.pick(PLACES[shop.countryCode] ?? [["Hamburg", "20457"]]);
  const id = shop.id * 1_000_000 + number;
  return {
    id,
    key: `customer-${makeHex(24, seed, "customer", id)}`,
    firstName,
    lastName,
    gender: random.pick(["m", "f", "f", "d"]),
    birthDate: `${random.integer(1950, 2005)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`,
    email: `${firstName}.${lastName}.${id}@example.com`.toLowerCase(),
    phone: `+49 000 ${random.integer(100_000, 999_999)}`,
    street: random.pick(STREETS),
    houseNumber: String(random.integer(1, 120)),
    zipCode,
    city,
    guest: random.chance(0.2),
  };
}
