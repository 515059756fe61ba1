import { dayIn, dayName } from "./day";

/** "30 Nov 2026 02:10:09 CET": a moment to the second, in an entity's time zone. */
export function momentWords(at: Date, timeZone: string): string {
  const time = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    timeZone,
  }).format(at);
  return `${dayName(dayIn(at, timeZone))} ${time}`;
}
