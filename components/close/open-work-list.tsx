import type { OpenWork } from "@/lib/close/open-work";

/** What of a month is still open, for whoever signs or closes it. */
export function OpenWorkList({
  work,
  act,
}: Readonly<{
  work: OpenWork;
  /** what somebody is about to do */
  act: "signing" | "closing";
}>) {
  const { tasks, open } = work;
  return (
    <div className="text-sm">
      <p className="font-medium">
        {tasks.complete} of {tasks.of} tasks of the checklist are complete.
        {open.length > 0 &&
          ` What is open does not keep anybody from ${act}, and is kept with the ${act === "signing" ? "lock" : "record of the closing"}:`}
      </p>
      {open.length > 0 && (
        <ul aria-label="Still open" className="list-inside list-disc">
          {open.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
