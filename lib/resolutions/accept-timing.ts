import { defineResolution } from "./contract";

export const acceptTiming = defineResolution({
  code: "accept-timing",
  title: "Accept as timing",
  meaning:
    "Both sides have it, in different months: it clears by itself over both. Accepting says so, with a reason; it is opened again when its amounts change.",
  target: "tieout",
  suits: ["cut-off"],
  at: () => "#accepting",
});
