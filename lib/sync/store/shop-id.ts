/** Shop.id of a shop as orders and files name it: entity/shopKey/countryCode in lower case. */
export const shopIdOf = (entityId: string, shop: string | null): string | null =>
  shop === null || shop.trim() === "" ? null : `${entityId}/${shop.trim()}`.toLowerCase();
