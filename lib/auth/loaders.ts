import "server-only";
import { connection } from "next/server";
import { type DemoUser, listDemoUsers } from "./data";
import { roles, roleTable } from "./permissions";

/** A demo user as somebody chooses one: who they are and what they may do. */
export type DemoChoice = Readonly<{ email: string; name: string; role: string; does: string }>;

/** The demo users for the sign-in page. Nobody is signed in there, so this needs no permission: they are no secret. */
export async function loadDemoUsers(): Promise<DemoChoice[]> {
  await connection();
  const rank = ({ roles: [first] }: DemoUser) => (first ? roles.indexOf(first) : roles.length);
  return (await listDemoUsers()).sort((a, b) => rank(a) - rank(b)).map(toChoice);
}

const toChoice = ({ email, name, roles: held }: DemoUser): DemoChoice => ({
  email,
  name,
  role: held.map((role) => roleTable[role].title).join(", "),
  does: held.map((role) => roleTable[role].does).join(" "),
});
