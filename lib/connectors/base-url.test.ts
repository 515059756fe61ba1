import { expect, it } from "vitest";
import { baseUrl, outboundUrl, withoutCredentials } from "./base-url";

it("takes no address with a user name or a password in it: addresses are shown", () => {
  for (const url of [
    "https://user:pw@example.com/x",
    "https://user@example.com/x",
    "https://:pw@example.com/x",
    "http://user:pw@127.0.0.1/x",
  ]) {
    const parsed = outboundUrl.safeParse(url);
    expect(parsed.error?.issues[0]?.message).toMatch(/without a user name and password/);
    expect(baseUrl.safeParse(url).success).toBe(false);
  }
  expect(outboundUrl.safeParse("https://example.com/@user:pw").success).toBe(true);
  expect(outboundUrl.safeParse("http://example.com/x").success).toBe(false);
  expect(outboundUrl.safeParse("http://127.0.0.1:4000/x").success).toBe(true);
  expect(withoutCredentials("https://user:pw@example.com/x")).toBe("https://example.com/x");
  expect(withoutCredentials("https://example.com")).toBe("https://example.com");
});
