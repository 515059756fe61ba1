import "server-only";
import { connection } from "next/server";
import { type DemoUser, listDemoUsers } from "./data";
import { roleTable } from "./permissions";

/** A demo user as somebody chooses one: who they are and what they may do. */
export type DemoChoice = Readonly<{ email: string; name: string; role: string; does: string }>;

/** The demo users for the sign-in page. Nobody is signed in there, so this needs no permission: they are no secret. */
export async function loadDemoUsers(): Promise<DemoChoice[]> {
  await connection();
  return (await listDemoUsers()).map(toChoice);
}

const toChoice = ({ email, name, roles }: DemoUser): DemoChoice => ({
  email,
  name,
  role: roles.map((role) => roleTable[role].title).join(", "),
  does: roles.map((role) => roleTable[role].does).join(" "),
});
