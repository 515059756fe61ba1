import { expect, it } from "vitest";
import { aboutOf } from "./about";

it("names an exception by its order, else by what it is about, else by its document, and invents nothing", () => {
  const all = { order: "DE-1", about: "SKU-1 in central", document: "SKU-1" };
  expect(aboutOf(all)).toBe("DE-1");
  expect(aboutOf({ ...all, order: null })).toBe("SKU-1 in central");
  expect(aboutOf({ ...all, order: null, about: null })).toBe("SKU-1");
  expect(aboutOf({ order: null, about: null, document: null })).toBeNull();
});
