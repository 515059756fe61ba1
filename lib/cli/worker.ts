import os from "node:os";
import { closePools } from "@/lib/db/pool";
import { startJobsHere } from "@/lib/jobs/start";

// `npm run worker`: takes jobs until it is told to end, and then finishes or gives back what it has at work.
// Whoever waits for a page or for the answer to a webhook goes first.
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
const jobs = await startJobsHere();
process.stdout.write("Taking jobs. Ctrl-C ends it in order.\n");
await new Promise<void>((resolve) => {
  process.once("SIGINT", () => resolve());
  process.once("SIGTERM", () => resolve());
});
process.stdout.write("Stopping: what is at work is finished or given back.\n");
await jobs.stop();
await closePools();
