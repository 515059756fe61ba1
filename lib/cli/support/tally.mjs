// Counts of the two test runners, from what they write for machines.

import fs from "node:fs";

/** @returns {{ passed: number, failed: number, skipped: number }} */
export function countVitest(file, failure) {
  const report = readReport(file);
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  // A file that does not load has no failed test of its own.
  const broken = report.testResults.filter(
    (one) => one.status === "failed" && !one.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return completed(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    failure,
  );
}

/** @returns {{ passed: number, failed: number, skipped: number }} */
export function countPlaywright(file, failure) {
  const report = readReport(file);
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return completed({ passed: expected + flaky, failed: unexpected, skipped }, failure);
}

/** A runner that failed without a failed test (an error between tests, a server that did not come up) failed all the same. */
function completed(counts, failure) {
  return failure !== null && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
