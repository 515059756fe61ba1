import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { roles } from "@/lib/auth/permissions";
import { causes } from "@/lib/causes/registry";
import { COLUMNS } from "@/lib/import/columns";
import { readProfile } from "@/lib/import/profile";

const readme = readFileSync(path.resolve(import.meta.dirname, "../README.md"), "utf8");
const causeTable = (readme.split("### Causes")[1]?.split("\n## ")[0] ?? "").split("\n");

describe("the README", () => {
  test.each(causes.map((cause) => [cause.code, cause.raises ? cause.defaultOwner : "–"]))(
    "has the cause %s and its owner, %s",
    (code, owner) => {
      const row = causeTable.find((line) => line.split("|")[1]?.includes(`\`${code}\``));
      expect(row?.split("|").at(-2)?.trim()).toBe(owner);
    },
  );

  test.each([...roles])("names the role %s", (role) => {
    expect(readme).toContain(`\`${role}\``);
  });

  test("shows a profile that can be used as it stands", () => {
    const [, profile = ""] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(readProfile(profile, "of the README").side).toBe("ledger");
  });

  test.each(["sales", "ledger"] as const)("lists every column of a file of %s", (side) => {
    const row = readme.split("\n").find((line) => new RegExp(`^\\| ${side} +\\|`).test(line)) ?? "";
    const listed = row.match(/[a-z]+(_[a-z]+)*/g)?.slice(1) ?? [];
    expect(listed.sort()).toEqual([...COLUMNS[side]].sort());
  });
});
