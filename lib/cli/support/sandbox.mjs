// The sandbox process: the same world on the same port at every start.

import fs from "node:fs";
import path from "node:path";
import { freePort } from "../../db/embedded-server.mjs";
import { pause } from "../../db/processes.mjs";
import { lastWords, startChild } from "./children.mjs";
import { portIsFree } from "./ports.mjs";
import { dataFolder, typescript } from "./project.mjs";

const READY_MILLISECONDS_MAX = 60_000;

/**
 * Starts the sandbox and waits until it answers.
 *
 * @param {(code: number | string) => void} onEnd called when it ends by itself
 * @returns {Promise<{ url: string, moved: boolean }>} `moved`: not where it was connected the last time
 */
export async function startSandbox(onEnd) {
  const portFile = path.join(dataFolder(), "sandbox-port");
  const before = fs.existsSync(portFile) ? Number(fs.readFileSync(portFile, "utf8")) : 0;
  const asked = Number(process.env.SANDBOX_PORT) || before;
  const port = asked > 0 && (await portIsFree(asked)) ? asked : await freePort();
  const entry = startChild(
    {
      name: "sandbox",
      words: typescript("lib/sandbox/main.ts"),
      env: {
        ...withoutSecrets(process.env),
        SANDBOX_PORT: String(port),
        SANDBOX_STATE: path.join(dataFolder(), "sandbox-state.json"),
      },
    },
    onEnd,
  );
  await untilReady(entry);
  return {
    url: `http://127.0.0.1:${port}`,
    moved: port !== before,
    /** To be said once the connections know the address. */
    settle: () => fs.writeFileSync(portFile, String(port)),
  };
}

async function untilReady(entry) {
  const deadline = Date.now() + READY_MILLISECONDS_MAX;
  while (!fs.readFileSync(entry.log, "utf8").includes('"ready":true')) {
    if (entry.ended || Date.now() > deadline) {
      throw new Error(`The sandbox did not start. Its last words:\n${lastWords(entry)}`);
    }
    await pause(50);
  }
}

/** The sandbox plays somebody else's systems: it must not be able to look into ours. */
function withoutSecrets(environment) {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(DATABASE_|TIEOUT_|NEXTAUTH_|SCAYLE_|BC_)/.test(name),
  );
  return Object.fromEntries(kept);
}
