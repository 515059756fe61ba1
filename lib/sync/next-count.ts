/** When sources are counted, in UTC: all open months at night, the newest again through the day (the crontab of lib/jobs/start). */
export const COUNTED_AT = ["03:30", "06:40", "09:40", "12:40", "15:40", "18:40", "21:40"] as const;

/** When sources are counted next. */
export function nextCount(now: Date): Date {
  const at = (day: Date, time: string): Date => new Date(`${day.toISOString().slice(0, 10)}T${time}:00Z`);
  const today = COUNTED_AT.map((time) => at(now, time)).find((one) => one > now);
  return today ?? at(new Date(now.getTime() + 86_400_000), COUNTED_AT[0]);
}
