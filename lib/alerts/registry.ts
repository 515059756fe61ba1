import { causeRate } from "./cause-rate";
import type { AlertKind } from "./contract";
import { feedBehind } from "./feed-behind";
import { largeException } from "./large-exception";
import { missedDeadline } from "./missed-deadline";
import { overdue } from "./overdue";

/** Every kind of alert, in the order in which people see them. */
export const alertKinds: readonly AlertKind[] = [
  feedBehind,
  missedDeadline,
  largeException,
  causeRate,
  overdue,
];

const byKind = new Map(alertKinds.map((one) => [one.kind, one]));

/** The kind that the database holds; undefined for one that is no longer registered. */
export const alertKindOf = (kind: string): AlertKind | undefined => byKind.get(kind);
