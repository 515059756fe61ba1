import { connection } from "next/server";
import { appPool } from "@/lib/db/pool";
import { log } from "@/lib/log";

/** Whether this process can serve: 200 when the database answers, 503 when it does not. Says nothing else. */
export async function GET(): Promise<Response> {
  await connection();
  const ready = await databaseAnswers();
  return Response.json({ status: ready ? "ok" : "unavailable" }, { status: ready ? 200 : 503 });
}

async function databaseAnswers(): Promise<boolean> {
  try {
    await appPool().query("SELECT 1");
    return true;
  } catch (error) {
    log.defect("The database does not answer", error);
    return false;
  }
}
