import { closePools } from "@/lib/db/pool";
import { bareJoin } from "./bare-join";
import { writeBooks } from "./files";
import { loadFile, prepareEntity } from "./load";
import { measured } from "./measure";
import { explainStored, reconcileAll, rematchOrders } from "./reconcile";

/** What one step of the bench is asked, as JSON in its first argument. Each runs in a process of its own. */
type Request = Readonly<{
  step: string;
  folder: string;
  lines: number;
  seed: number;
  threads: number;
  changed: number;
  postmaster: number | null;
  sales: string;
  ledger: string;
}>;

const EXPLAINED_MAX = 5000;

const request = JSON.parse(process.argv[2] ?? "{}") as Request;
const outcome = await measured(request.postmaster, run);
await closePools();
process.stdout.write(`${JSON.stringify(outcome)}\n`);

async function run(): Promise<unknown> {
  const { step, folder, lines, seed, sales, ledger } = request;
  switch (step) {
    case "write":
      return writeBooks(folder, lines, seed);
    case "bare-join":
      return bareJoin(folder, sales, ledger, request.threads);
    case "prepare":
      return prepareEntity();
    case "load-sales":
      return loadFile("sales", sales);
    case "load-ledger":
      return loadFile("ledger", ledger);
    case "reconcile":
      return reconcileAll();
    case "rematch":
      return rematchOrders(request.changed);
    case "explain":
      return explainStored(EXPLAINED_MAX);
    default:
      throw new Error(`no such step: ${step}`);
  }
}
