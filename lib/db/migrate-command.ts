// What the launchers run to bring the database up to date: reads the addresses from the environment, answers JSON.

import { migrate } from "@/lib/db/migrate";
import { databaseUrls } from "@/lib/env";

try {
  const urls = databaseUrls();
  const report = await migrate({ ownerUrl: urls.owner, appUrl: urls.app });
  // The engine leaves the ten-second timer of its lock running: not waited for.
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
