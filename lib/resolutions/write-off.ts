import { causes } from "@/lib/causes/registry";
import { isOpen } from "@/lib/exceptions/machine";
import { isStanding } from "@/lib/matching/standing-causes";
import { defineResolution, type Place } from "./contract";

/** Causes with corrections of their own: what clears itself, and cents that are posted together. */
const OTHERWISE: ReadonlySet<string> = new Set(["cut-off", "rounding"]);

/** Whatever may be accepted as it is and is an amount, can be written off. */
const suits = causes
  .filter(({ code, raises, acceptance }) => raises && acceptance !== "never" && !isStanding(code))
  .map(({ code }) => code)
  .filter((code) => !OTHERWISE.has(code));

/** Where the month's corrections are proposed and approved. */
export const correctionsOf = ({ entityId, period }: Place): string =>
  `/close/${period}?entity=${encodeURIComponent(entityId)}#corrections`;

export const writeOff = defineResolution({
  code: "write-off",
  title: "Write it off",
  meaning:
    "Accept the difference as it is, with a reason; above the limit a second person approves. What the month has accepted is then corrected by one balanced journal to an account of its own, which a second person always approves and the ERP imports.",
  target: "erp",
  suits,
  also: ["accepted"],
  afterwards: {
    title: "Correct the month’s books",
    meaning:
      "What the month has accepted is corrected by one balanced journal to an account of its own, which a second person always approves and the ERP imports.",
  },
  at: (place) => (isOpen(place.state) ? "#accepting" : correctionsOf(place)),
});
