import type { OpenWork } from "@/lib/close/open-work";

/** What of a month is still open, for whoever signs or closes it. */
export function OpenWorkList({ work }: Readonly<{ work: OpenWork }>) {
  const { tasks, open } = work;
  return (
    <div className="text-sm">
      <p className="font-medium">
        {tasks.complete} of {tasks.of} tasks of the checklist are complete.
        {open.length > 0 && " What is open does not keep anybody from signing, and is kept with the lock:"}
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
