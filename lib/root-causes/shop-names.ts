import { retoldIn } from "@/lib/causes/signature";
import type { Feature } from "./contrast";
import type { Findings } from "./findings";

/** What people call the shops, by id; one that is not in it is called by its id. */
export type ShopNames = ReadonlyMap<string, string>;

/** A signature as people read it: with the shop's name. It is not the one that exceptions are compared by. */
export const shopNamedIn = (signature: string, shops: ShopNames): string =>
  retoldIn(signature, "shop", (id) => shops.get(id) ?? id);

const named = (feature: Feature, shops: ShopNames): Feature =>
  feature.name === "shop" ? { ...feature, value: shops.get(feature.value) ?? feature.value } : feature;

/** Findings as people read them: with the shops' names. */
export const shopsNamedIn = (findings: Findings, shops: ShopNames): Findings => ({
  ...findings,
  contrast: {
    ...findings.contrast,
    features: findings.contrast.features.map((feature) => named(feature, shops)),
  },
  split: findings.split && { ...findings.split, feature: named(findings.split.feature, shops) },
  merge: findings.merge && { ...findings.merge, feature: named(findings.merge.feature, shops) },
});
