"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Instant } from "@/components/ui/instant";
import { useCommand } from "@/components/ui/use-command";
import { settleFailedJob } from "@/lib/sync/actions";
import type { FailedJob } from "@/lib/sync/data";

/** Jobs that failed for good: what they were to do, what went wrong, and what somebody may do about each. */
export function FailedJobs({
  jobs,
  entityId,
  timeZone,
  maySettle,
}: Readonly<{ jobs: readonly FailedJob[]; entityId: string; timeZone: string; maySettle: boolean }>) {
  return (
    <ul aria-label="Jobs that failed" className="flex flex-col">
      {jobs.map((job) => (
        <li
          key={job.id}
          className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="min-w-0 flex-1">
            <p className="font-medium">
              {job.task}{" "}
              <span className="font-mono font-normal text-soft text-xs">{JSON.stringify(job.payload)}</span>
            </p>
            <p className="break-words">{job.error}</p>
            <p className="text-soft text-xs">
              after {job.attempts} attempts, <Instant at={job.failedAt} timeZone={timeZone} /> · owned by
              operations
            </p>
          </div>
          {maySettle && <Settle entityId={entityId} failureId={job.id} />}
        </li>
      ))}
    </ul>
  );
}

function Settle({ entityId, failureId }: Readonly<{ entityId: string; failureId: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(settleFailedJob, {
    done: "Settled; it is in the audit trail.",
    onDone: () => router.refresh(),
  });
  return (
    <div className="flex gap-2">
      <Button pending={pending} onClick={() => run({ entityId, failureId, how: "again" })}>
        Try again
      </Button>
      <Button
        variant="quiet"
        disabled={pending}
        onClick={() => run({ entityId, failureId, how: "set-aside" })}
      >
        Set aside
      </Button>
    </div>
  );
}
