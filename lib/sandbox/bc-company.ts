import { priceIn, type Variant } from "@/lib/sandbox/catalogue";
import type { World } from "@/lib/sandbox/model";
import { makeGuid } from "@/lib/sandbox/random";
import { ENTITIES, type EntityCode, type SandboxShop, SHOPS } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";

const SET_UP_AT = "2023-05-10T10:00:00Z";

/** The companies of the ERP's tenant. */
export function companiesJson(): Json[] {
  return Object.values(ENTITIES).map((entity) => ({
    id: entity.companyId,
    systemVersion: "27.0.0.0",
    name: entity.name,
    displayName: entity.name,
    businessProfileId: "",
    systemCreatedAt: SET_UP_AT,
  }));
}

const shopsOf = (entity: EntityCode) =>
  Object.values(SHOPS).filter((shop: SandboxShop) => shop.entity === entity) as SandboxShop[];

/**
 * The items of a company; their number is the SKU. The companies sell from the same warehouses. As in the real one, an item's
 * time of change says nothing of its inventory, which is calculated when it is asked for.
 */
export function itemsJson(
  world: World,
  entity: EntityCode,
  inventoryOf: (variant: Variant) => number,
): Json[] {
  const [shop] = shopsOf(entity);
  if (!shop) return [];
  return world.catalogue.map((variant) => ({
    id: makeGuid("item", entity, variant.sku),
    number: variant.sku,
    displayName: variant.name,
    type: "Inventory",
    itemCategoryCode: variant.category.toUpperCase(),
    blocked: false,
    gtin: variant.gtin,
    inventory: inventoryOf(variant),
    unitPrice: Number(priceIn(shop, variant)) / 100,
    priceIncludesTax: true,
    taxGroupCode: shop.taxCodes.find((entry) => entry.rate === shop.rates[variant.category])?.code ?? "",
    baseUnitOfMeasureCode: "PCS",
    lastModifiedDateTime: SET_UP_AT,
  }));
}

/** The tax groups of a company. They carry no rate: that stands on the posted lines. */
export function taxGroupsJson(entity: EntityCode): Json[] {
  const codes = shopsOf(entity).flatMap((shop) => [
    ...shop.taxCodes.map((entry) => entry.code),
    shop.mixedTaxCode,
  ]);
  return [...new Set(codes)].map((code) => ({
    id: makeGuid("taxGroup", entity, code),
    code,
    displayName: code.endsWith("-MIX") ? `Shipping, mixed rates (${code.slice(0, -4)})` : code,
    taxType: "VAT",
    lastModifiedDateTime: SET_UP_AT,
  }));
}
