import "server-only";
import { appPool } from "@/lib/db/pool";
import { environment } from "@/lib/env";
import { isSomebodyTakingJobs } from "./liveness";

/** Whether jobs are left to workers (TIEOUT_JOBS=worker) and none of them lives: whatever is asked for waits. */
export async function isWorkerMissing(): Promise<boolean> {
  return environment().TIEOUT_JOBS === "worker" && !(await isSomebodyTakingJobs(appPool()));
}
