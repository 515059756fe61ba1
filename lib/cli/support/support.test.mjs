import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { choosePort } from "./ports.mjs";
import { provideSecret } from "./project.mjs";
import { countPlaywright, countVitest } from "./tally.mjs";

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-support-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("the secret", () => {
  it("is made once, and readable by its owner only", () => {
    process.env.TIEOUT_DATA_DIR = folder;
    const secrets = [1, 2].map(() => {
      delete process.env.TIEOUT_SECRET;
      return { ...provideSecret(), secret: process.env.TIEOUT_SECRET };
    });
    expect(secrets.map(({ created }) => created)).toEqual([true, false]);
    expect(secrets[0].secret).toMatch(/^[0-9a-f]{64}$/);
    expect(secrets[1].secret).toBe(secrets[0].secret);
    expect(fs.statSync(path.join(folder, "secret")).mode & 0o777).toBe(0o600);
  });
});

describe("the port to serve at", () => {
  it("is the one asked for, and a stranger on it is not pushed aside", async () => {
    const stranger = net.createServer();
    await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { port } = stranger.address();
    await expect(choosePort(port, "127.0.0.1")).rejects.toThrow(`Port ${port} is in use by another program`);
    await new Promise((resolve) => stranger.close(resolve));
    expect(await choosePort(port, "127.0.0.1")).toEqual({ port, note: null });
  });
});

describe("the count of a test run", () => {
  const written = (report) => {
    const file = path.join(folder, "report.json");
    fs.writeFileSync(file, JSON.stringify(report));
    return file;
  };
  const vitest = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  };

  it("counts a file that does not load as one failure", () => {
    const file = written({ ...vitest, testResults: [{ status: "failed", assertionResults: [] }] });
    expect(countVitest(file, new Error("failed"))).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it("counts a runner that failed between tests, or wrote no report, as one failure", () => {
    expect(countVitest(written(vitest), new Error("unhandled"))).toMatchObject({ passed: 3, failed: 1 });
    expect(countVitest(path.join(folder, "missing.json"), null)).toMatchObject({ passed: 0, failed: 1 });
    expect(countPlaywright(path.join(folder, "missing.json"), null)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("counts a browser test that passed at the second try as passed", () => {
    const file = written({ stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 0 } });
    expect(countPlaywright(file, new Error("failed"))).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});
