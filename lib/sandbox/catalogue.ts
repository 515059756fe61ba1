import { makeRandom } from "@/lib/sandbox/random";
import type { Category, SandboxShop } from "@/lib/sandbox/retailer";

export type Variant = {
  id: number;
  productId: number;
  sku: string;
  name: string;
  gtin: string;
  category: Category;
  /** Whole units of currency before the cents that each shop adds. */
  basePrice: number;
};

const APPAREL =
  "Linen shirt|Wool coat|Denim jacket|Silk blouse|Knit jumper|Chino trousers|Leather belt|Cashmere scarf|Rain parka|Summer dress|Pleated skirt|Polo shirt|Merino cardigan|Canvas trainers|Ankle boots|Quilted vest|Oxford shirt|Straight jeans|Jersey top|Trench coat|Flannel pyjamas|Swim shorts|Evening gown|Running tights".split(
    "|",
  );
const CHILDREN =
  "Children's hoodie|Children's leggings|Baby romper|Children's rain boots|School cardigan|Children's tee".split(
    "|",
  );
const BOOKS = "Lookbook spring|Lookbook autumn|Knitting patterns|Fashion history|Magazine issue".split("|");

/** GS1 check digit of the first twelve digits. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** The retailer's products with their sizes. It does not depend on the world's size. */
export function makeCatalogue(seed: number): readonly [Variant, ...Variant[]] {
  const random = makeRandom(seed, "catalogue");
  const products: { name: string; category: Category; sizes: string[] }[] = [
    ...APPAREL.map((name) => ({ name, category: "apparel" as const, sizes: ["S", "M", "L", "XL"] })),
    ...CHILDREN.map((name) => ({ name, category: "children" as const, sizes: ["104", "116", "128"] })),
    ...BOOKS.map((name) => ({ name, category: "book" as const, sizes: ["DE", "EN", "FR"] })),
  ];
  const variants: Variant[] = [];
  products.forEach((product, index) => {
    const basePrice = product.category === "apparel" ? random.integer(14, 160) : random.integer(8, 39);
    for (const size of product.sizes) {
      const id = 70_001 + variants.length;
      const gtin = withCheckDigit(`40${String(id).padStart(10, "0")}`);
      const sku = `MD-${1001 + index}-${size}`;
      const name = `${product.name} ${size}`;
      variants.push({ id, productId: 9_001 + index, sku, name, gtin, category: product.category, basePrice });
    }
  });
  const [first, ...rest] = variants;
  if (!first) throw new Error("The sandbox's catalogue is empty.");
  return [first, ...rest];
}

/**
 * The gross price of a variant in a shop, in minor units.
 * At 20 % an odd amount can contain exactly half a cent of tax, where SCAYLE (net rounded up) and an ERP (tax rounded
 * up) disagree about a single unit. Prices in shops with 20 % are even, so that cents come from sums only.
 */
export function priceIn(shop: SandboxShop, variant: Variant): bigint {
  const base = BigInt(variant.basePrice);
  if (shop.countryCode === "DE") return base * 100n + (variant.id % 3 === 0 ? 99n : 95n);
  if (shop.countryCode === "AT") return (base + 2n) * 100n + 90n;
  return ((base * 9n) / 10n) * 100n + (variant.id % 2 === 0 ? 50n : 98n);
}
