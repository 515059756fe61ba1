import { describe, expect, it } from "vitest";
import { Refusal } from "@/lib/domain/faults";
import { type Actor, assertMay, entitiesOf, type Grant, may } from "./actor";
import { type Permission, permissions, type Role, roles, roleTable } from "./permissions";

const withGrants = (...grants: Grant[]): Actor => ({ id: "1", name: "N", email: "n@x", grants, demo: false });
const everywhere = (role: Role) => withGrants({ role, entityId: null });

const writes: readonly Permission[] = [
  "exceptions.assign",
  "feeds.sync",
  "reconcile.run",
  "record.resync",
  "settings.write",
  "users.manage",
];

describe("the table of rights", () => {
  it("lets all but the auditor resync a record", () => {
    expect(roles.filter((role) => !may(everywhere(role), "record.resync"))).toEqual(["auditor"]);
  });

  it("lets everybody see orders, and customer service no totals", () => {
    expect(roles.filter((role) => !may(everywhere(role), "orders.read"))).toEqual([]);
    expect(roles.filter((role) => !may(everywhere(role), "close.read"))).toEqual(["customer-service"]);
    expect(roles.filter((role) => !may(everywhere(role), "exceptions.read"))).toEqual(["customer-service"]);
  });

  it("lets the auditor read and annotate, and nothing else", () => {
    expect(writes.filter((permission) => may(everywhere("auditor"), permission))).toEqual([]);
    expect(may(everywhere("auditor"), "exceptions.comment")).toBe(true);
    expect(may(everywhere("auditor"), "audit.read")).toBe(true);
  });

  it("leaves users and settings to the administrator", () => {
    expect(roles.filter((role) => may(everywhere(role), "users.manage"))).toEqual(["administrator"]);
    expect(roles.filter((role) => may(everywhere(role), "settings.write"))).toEqual(["administrator"]);
  });

  it("has somebody for every permission", () => {
    const given = new Set(roles.flatMap((role) => roleTable[role].permissions));
    expect(permissions.filter((permission) => !given.has(permission))).toEqual([]);
  });
});

describe("grants", () => {
  const clara = withGrants(
    { role: "customer-service", entityId: "MODA-UK" },
    { role: "operations", entityId: "MODA-EU" },
  );

  it("hold for the entity they name only", () => {
    expect(may(clara, "exceptions.read", "MODA-EU")).toBe(true);
    expect(may(clara, "exceptions.read", "MODA-UK")).toBe(false);
    expect(may(clara, "orders.read", "MODA-UK")).toBe(true);
    expect(may(clara, "orders.read", "OTHER")).toBe(false);
  });

  it("name the entities that a permission covers", () => {
    expect(entitiesOf(clara, "orders.read")).toEqual(["MODA-EU", "MODA-UK"]);
    expect(entitiesOf(clara, "close.read")).toEqual(["MODA-EU"]);
    expect(entitiesOf(clara, "users.manage")).toEqual([]);
    expect(entitiesOf(everywhere("auditor"), "close.read")).toBe("all");
  });

  it("refuse an entity that was only asked for", () => {
    expect(() => assertMay(clara, "exceptions.assign", "MODA-UK")).toThrow(Refusal);
    expect(() => assertMay(clara, "exceptions.assign", "MODA-EU")).not.toThrow();
  });
});
