import { describe, expect, it } from "vitest";
import { exceptionStates, isOpen, stateAfterAssignment } from "./machine";

describe("the states of an exception", () => {
  it.each([
    ["new", true, "assigned"],
    ["assigned", true, "assigned"],
    ["assigned", false, "new"],
    ["in-progress", true, "in-progress"],
    ["waiting", true, "waiting"],
    ["in-progress", false, "new"],
  ] as const)("from %s, assigned: %s, it goes to %s", (from, assigned, to) => {
    expect(stateAfterAssignment(from, assigned)).toBe(to);
  });

  it("gives nothing that is finished to anybody", () => {
    for (const state of exceptionStates.filter((one) => !isOpen(one))) {
      expect(stateAfterAssignment(state, true)).toBeNull();
    }
  });
});
