import { defineResolution } from "./contract";

export const writeOff = defineResolution({
  code: "write-off",
  title: "Write it off",
  meaning:
    "Corrects the month by a balanced journal to an account of its own, with a reason; a second person always approves it, and the ERP imports it.",
  target: "erp",
  suits: ["unexplained", "settlement-drift"],
  at: ({ entityId, period }) => `/close/${period}?entity=${encodeURIComponent(entityId)}#corrections`,
});
