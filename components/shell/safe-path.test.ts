import { expect, it } from "vitest";
import { safePath } from "./safe-path";

it.each([
  ["/close/2026-10?entity=MODA-EU", "/close/2026-10?entity=MODA-EU"],
  [undefined, "/"],
  ["", "/"],
  ["https://evil.example/", "/"],
  ["//evil.example/close", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["javascript:alert(1)", "/"],
])("leads from ?next=%s to %s", (asked, path) => {
  expect(safePath(asked)).toBe(path);
});
