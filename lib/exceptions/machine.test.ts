import { describe, expect, it } from "vitest";
import {
  type ExceptionState,
  type ExceptionStep,
  exceptionStates,
  isOpen,
  stateAfter,
  transitions,
} from "./machine";

const steps = Object.keys(transitions) as readonly ExceptionStep[];

describe("the states of an exception", () => {
  it.each([
    ["new", "assign", true, "assigned"],
    ["assigned", "assign", true, "assigned"],
    ["in-progress", "assign", true, "in-progress"],
    ["waiting", "assign", true, "waiting"],
    ["in-progress", "unassign", false, "new"],
    ["waiting", "unassign", false, "new"],
    ["new", "start", true, "in-progress"],
    ["waiting", "start", true, "in-progress"],
    ["in-progress", "wait", true, "waiting"],
    ["waiting", "wake", true, "assigned"],
    ["waiting", "wake", false, "new"],
    ["in-progress", "rest", true, "assigned"],
    ["waiting", "rest", false, "new"],
    ["in-progress", "accept", true, "accepted"],
    ["accepted", "reopen", true, "assigned"],
    ["resolved", "reopen", false, "new"],
  ] as const)("from %s by %s, assigned: %s, it goes to %s", (from, step, assigned, to) => {
    expect(stateAfter(from, step, assigned)).toBe(to);
  });

  it("lets people do nothing with what is finished", () => {
    for (const state of exceptionStates.filter((one) => !isOpen(one))) {
      for (const step of ["assign", "unassign", "start", "wait", "wake", "accept"] as const) {
        expect(stateAfter(state, step, true)).toBeNull();
      }
    }
  });

  it("has no resolved but by a proof, and no accepted but by a decision", () => {
    const into = (to: ExceptionState) =>
      steps.filter((step) => exceptionStates.some((from) => stateAfter(from, step, true) === to));
    expect(into("resolved")).toEqual(["resolve"]);
    expect(into("accepted")).toEqual(["accept"]);
    expect(into("waiting").sort()).toEqual(["assign", "wait"]);
  });

  it("wakes only what waits, and knows no state but its own", () => {
    for (const state of ["new", "assigned", "in-progress"])
      expect(stateAfter(state, "wake", true)).toBeNull();
    expect(stateAfter("gone", "assign", true)).toBeNull();
  });
});
