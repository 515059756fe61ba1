import { addMonths, type Month } from "@/lib/domain/day";

/** The month before that of an instant: the one that is being closed. */
export const lastMonth = (now: Date): Month => addMonths(now.toISOString().slice(0, 7), -1);
