import { expect, it } from "vitest";
import { slipsBetween } from "./distance";

it.each([
  ["", "", 0],
  ["", "ab", 2],
  ["dietrich", "dietrich", 0],
  ["dietrich", "dietrihc", 1],
  ["dietrich", "dietrch", 1],
  ["dietrich", "dietrichs", 1],
  ["dietrihc", "dietrichs", 2],
  ["4711", "4712", 1],
  ["abc", "xyz", 3],
])("between “%s” and “%s” lie %i slips", (a, b, slips) => {
  expect(slipsBetween(a, b)).toBe(slips);
  expect(slipsBetween(b, a)).toBe(slips);
});
