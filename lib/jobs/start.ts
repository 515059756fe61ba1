import { ownerPool } from "@/lib/db/pool";
import { databaseUrls, environment } from "@/lib/env";
import { log } from "@/lib/log";
import { handlers } from "./handlers";
import { type Jobs, startJobs } from "./runner";

/**
 * What the clock adds, in the queue's own crontab; times are UTC. Several processes add each once. Each has a key, as what
 * addJob adds has.
 */
export const CRONTAB = `
* * * * * schedule-feeds ?jobKey=schedule-feeds&max=3
*/5 * * * * watch-exceptions ?jobKey=watch-exceptions&max=3
*/5 * * * * watch-alerts ?jobKey=watch-alerts&max=3
30 1 * * * sweep-months ?jobKey=sweep-months&max=3&fill=12h
30 3 * * * recount-months ?jobKey=recount-months&max=3&fill=12h
15 4 * * * verify-audit ?jobKey=verify-audit&max=3&fill=12h
40 6,9,12,15,18,21 * * * recount-months ?id=recount-newest&jobKey=recount-newest&max=3 {newest:true}
`;

/** Takes jobs in this process, and adds what the clock asks for. */
export const startJobsHere = (): Promise<Jobs> =>
  startJobs({
    connectionString: databaseUrls().owner,
    pool: ownerPool(),
    handlers,
    now: () => new Date(),
    crontab: CRONTAB,
  });

const AGAIN_MILLISECONDS = 10_000;

/**
 * Takes jobs in the web process, unless TIEOUT_JOBS says that workers do. A database that is not there yet is asked again.
 * They end with the process: what was at work is given back and done by the next.
 */
export async function startJobsInWeb(): Promise<void> {
  if (environment().TIEOUT_JOBS === "worker") {
    log.info("Jobs are left to npm run worker (TIEOUT_JOBS=worker)");
    return;
  }
  try {
    const jobs = await startJobsHere();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        jobs.stop().catch((error: unknown) => log.defect("The jobs did not stop in order", error));
      });
    }
    log.info("Jobs run in this process");
  } catch (error) {
    log.defect("The jobs could not start; they are tried again", error);
    setTimeout(() => void startJobsInWeb(), AGAIN_MILLISECONDS).unref();
  }
}
