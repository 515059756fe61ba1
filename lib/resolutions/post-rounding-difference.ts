import { defineResolution } from "./contract";
import { correctionsOf } from "./write-off";

export const postRoundingDifference = defineResolution({
  code: "post-rounding-difference",
  title: "Post the rounding differences",
  meaning:
    "The month’s proved roundings are corrected together by one balanced journal, which a second person approves and the ERP imports: cents are no document of their own.",
  target: "erp",
  suits: ["rounding"],
  also: ["explained", "accepted"],
  at: correctionsOf,
});
