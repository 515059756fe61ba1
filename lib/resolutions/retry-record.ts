import { defineResolution } from "./contract";

export const retryRecord = defineResolution({
  code: "retry-record",
  title: "Read the record again",
  meaning: "Asks its source for the record again, once it was put right there or its mapping was set.",
  target: "tieout",
  suits: ["record-failed", "order-unreadable"],
  at: ({ entityId }) => `/feeds/failed?entity=${encodeURIComponent(entityId)}`,
});
