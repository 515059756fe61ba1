import { defineResolution } from "./contract";

export const fixMapping = defineResolution({
  code: "fix-mapping",
  title: "Set the mapping",
  meaning:
    "Tells Tieout that the ERP’s item or tax code is right after all. Its effect on all orders is shown first, a second person approves where the entity has that, and every order is matched again.",
  target: "tieout",
  suits: ["item-wrong", "tax-code-wrong", "record-failed"],
  at: ({ missing }) => (missing.length > 0 ? "#missing-mapping" : null),
});
