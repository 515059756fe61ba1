import { expect, it } from "vitest";
import { hashPassword, verifyPassword } from "./password";

it("knows a password again, however its letters were composed, and no other", async () => {
  const hash = await hashPassword("Zo\u0065\u0308 7");
  expect(await verifyPassword("Zo\u00eb 7", hash)).toBe(true);
  expect(await verifyPassword("Zoe 7", hash)).toBe(false);
});

it("never writes the same hash twice", async () => {
  expect(await hashPassword("same")).not.toBe(await hashPassword("same"));
});

it.each(["", "plain", "scrypt$15$8$1$$", "scrypt$99$8$1$c2FsdA$a2V5", "bcrypt$15$8$1$c2FsdA$a2V5"])(
  "matches nothing with the text %j in place of a hash",
  async (hash) => {
    expect(await verifyPassword("plain", hash)).toBe(false);
  },
);
