import os from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "@": import.meta.dirname },
  },
  // The same condition as the command line and the worker run with: `server-only` is empty there.
  ssr: { resolve: { conditions: ["react-server", "node"] } },
  test: {
    include: ["{app,components,lib,e2e}/**/*.test.{ts,tsx,mjs}"],
    environment: "node",
    globalSetup: [path.join(import.meta.dirname, "lib/db/test-server.ts")],
    pool: "forks",
    // One for each core: while one waits for its database, another computes.
    maxWorkers: os.availableParallelism(),
    execArgv: ["--conditions=react-server"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
