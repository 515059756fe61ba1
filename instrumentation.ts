/** Runs once in each server process, before it answers. */
export async function register(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the bundler knows this name and leaves the branch out of what runs elsewhere
  if (process.env["NEXT_RUNTIME"] === "nodejs") {
    const { startJobsInWeb } = await import("@/lib/jobs/start");
    await startJobsInWeb();
  }
}
