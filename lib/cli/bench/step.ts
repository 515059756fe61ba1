import { closePools } from "@/lib/db/pool";
import { writeBooks } from "./files";
import { loadFile, prepareEntity } from "./load";
import { measured } from "./measure";

/** What one step of the bench is asked, as JSON in its first argument. Each runs in a process of its own. */
type Request = Readonly<{
  step: string;
  folder: string;
  lines: number;
  seed: number;
  postmaster: number | null;
  sales: string;
  ledger: string;
}>;

const request = JSON.parse(process.argv[2] ?? "{}") as Request;
const outcome = await measured(request.postmaster, run);
await closePools();
process.stdout.write(`${JSON.stringify(outcome)}\n`);

async function run(): Promise<unknown> {
  const { step, folder, lines, seed } = request;
  switch (step) {
    case "write":
      return writeBooks(folder, lines, seed);
    case "prepare":
      return prepareEntity();
    case "load-sales":
      return loadFile("sales", request.sales);
    case "load-ledger":
      return loadFile("ledger", request.ledger);
    default:
      throw new Error(`no such step: ${step}`);
  }
}
