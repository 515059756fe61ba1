import { Refusal } from "@/lib/domain/faults";

const PATIENCE_MILLISECONDS = 15_000;
const LOOK_AGAIN_MILLISECONDS = 200;

/**
 * Does something again while others are at work on the same: the intervals read and reconcile by themselves. Others are at
 * work where it refuses with `conflict`, or where `isBusy` says so of its result. After a while the last answer holds.
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  isBusy: (result: Result) => boolean = () => false,
): Promise<Result> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const isLast = Date.now() > deadline;
    try {
      const result = await work();
      if (isLast || !isBusy(result)) return result;
    } catch (error) {
      if (isLast || !(error instanceof Refusal) || error.code !== "conflict") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
}
