import { writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { closePools, ownerPool } from "@/lib/db/pool";
import { measureClose } from "./close";
import { startProcess, typescriptWords, until } from "./processes";
import { measurePull } from "./pull";
import { measureQueue } from "./queue";
import { measureResync } from "./resync";
import { measureRootCauses } from "./root-causes";
import { measureScroll } from "./scroll";
import { measureSearch } from "./search";
import { measureStatus } from "./status";
import { measureWebhooks, type Served } from "./webhooks";
import {
  closeWords,
  pullWords,
  queueWords,
  resyncWords,
  rootCausesWords,
  type Said,
  scrollWords,
  searchWords,
  statusWords,
  webhooksWords,
} from "./words";

const Request = z.object({
  what: z.enum(["webhooks", "pull", "resync", "queue", "root-causes", "scroll", "close", "search", "status"]),
  lines: z.number(),
  rate: z.number(),
  seconds: z.number(),
  orders: z.number(),
  resyncs: z.number(),
  exceptions: z.number(),
  repeats: z.number(),
  seed: z.number(),
  jobs: z.enum(["web", "worker"]),
  out: z.string().optional(),
  port: z.number(),
  folder: z.string(),
  nextProgram: z.string(),
});
type Request = z.infer<typeof Request>;

/** The production build, served; with `--jobs worker` a worker beside it. */
async function serve({ port, folder, nextProgram, jobs }: Request): Promise<Served> {
  const server = startProcess({
    words: [nextProgram, "start", "--hostname", "127.0.0.1", "--port", String(port)],
    env: { NODE_ENV: "production" },
    log: path.join(folder, "server.log"),
  });
  const worker =
    jobs === "worker"
      ? startProcess({ words: typescriptWords("lib/cli/worker.ts"), log: path.join(folder, "worker.log") })
      : null;
  const url = `http://127.0.0.1:${port}`;
  await until(
    "answering",
    120,
    async () => (await fetch(`${url}/api/health`).catch(() => null))?.ok === true,
  );
  return {
    url,
    stop: async () => {
      await worker?.stop();
      await server.stop();
    },
  };
}

async function measure(request: Request): Promise<{ measured: unknown; said: Said }> {
  const pool = ownerPool();
  if (request.what === "webhooks") {
    const measured = await measureWebhooks(pool, request, () => serve(request));
    return { measured, said: webhooksWords(measured, request.jobs) };
  }
  if (request.what === "pull") {
    const measured = await measurePull(pool, request);
    return { measured, said: pullWords(measured) };
  }
  if (request.what === "queue") {
    const measured = await measureQueue(pool, request);
    return { measured, said: queueWords(measured) };
  }
  if (request.what === "root-causes") {
    const measured = await measureRootCauses(pool, request);
    return { measured, said: rootCausesWords(measured) };
  }
  if (request.what === "close") {
    const measured = await measureClose(pool, { ...request, late: 10_000 });
    return { measured, said: closeWords(measured) };
  }
  if (request.what === "search") {
    const measured = await measureSearch(pool, request);
    return { measured, said: searchWords(measured) };
  }
  if (request.what === "status") {
    const measured = await measureStatus(pool, request);
    return { measured, said: statusWords(measured) };
  }
  if (request.what === "scroll") {
    const measured = await measureScroll(pool, request, () => serve(request));
    return { measured, said: scrollWords(measured) };
  }
  const measured = await measureResync(pool, request);
  return { measured, said: resyncWords(measured) };
}

// Ends with 1 where something is lost or otherwise than at the source; a time that was missed is only said.
const request = Request.parse(JSON.parse(process.argv[2] ?? "{}"));
const load = os.loadavg()[0] ?? 0;
const { measured, said } = await measure(request);
await closePools();
const machine = {
  cores: os.availableParallelism(),
  cpu: os.cpus()[0]?.model ?? "",
  node: process.version,
  load,
};
const lines = [
  `${machine.cores} cores (${machine.cpu}), Node ${machine.node}; load average at the start: ${load.toFixed(1)}`,
  ...said.lines,
];
process.stdout.write(`${lines.join("\n")}\n`);
if (request.out !== undefined) {
  const report = { at: new Date().toISOString(), what: request.what, seed: request.seed, machine, measured };
  writeFileSync(request.out, `${JSON.stringify(report, null, 2)}\n`);
}
process.exitCode = said.holds ? 0 : 1;
