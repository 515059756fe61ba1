import { startProcess, typescriptWords } from "./processes";

/** No limit that a machine could reach. */
export const LIFTED = 1_000_000_000;

/** The sandbox in a process of its own. */
export type SandboxProcess = Readonly<{
  url: string;
  /** sets its clock, in milliseconds */
  setClock(at: number): void;
  /** sets SCAYLE's requests a minute */
  setLimit(limit: number): Promise<void>;
  stop(): Promise<void>;
}>;

export type SandboxSettings = Readonly<{
  seed: number;
  orders: number;
  anchor: string;
  faults: "planted" | "none";
  at: number;
  limit: number;
}>;

/** Starts a sandbox over a world of its own, and waits until it answers. Throws where it ends before. */
export async function startSandboxProcess(settings: SandboxSettings, log: string): Promise<SandboxProcess> {
  const { child, ended, stop } = startProcess({
    words: [
      "--max-old-space-size=12000",
      ...typescriptWords("e2e/measure/sandbox.ts"),
      JSON.stringify(settings),
    ],
    log,
    messages: true,
  });
  const answer = (): Promise<unknown> => new Promise((resolve) => child.once("message", resolve));
  const first = await Promise.race([answer(), ended.then(() => null)]);
  const port = typeof first === "object" && first !== null && "port" in first ? first.port : null;
  if (typeof port !== "number") throw new Error(`The sandbox did not start; its last words are in ${log}.`);
  return {
    url: `http://127.0.0.1:${port}`,
    setClock: (at) => void child.send({ at }),
    setLimit: async (limit) => {
      const done = answer();
      child.send({ limit });
      await done;
    },
    stop,
  };
}
