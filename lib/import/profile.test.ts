import { describe, expect, it } from "vitest";
import { builtInProfile, findProfile, readProfile } from "./profile";

const nowhere = async (): Promise<string> => {
  throw new Error("ENOENT");
};

describe("a profile", () => {
  it("is the built-in one where none or the side itself is asked for", async () => {
    expect((await findProfile(null, "sales", nowhere)).key).toBe(builtInProfile("sales").key);
    expect((await findProfile("ledger", "ledger", nowhere)).name).toBe("ledger");
  });

  it("is a JSON file otherwise, known by its name and its content", async () => {
    const read = async () => '{"side":"sales","name":"olist","decimalMark":","}';
    const profile = await findProfile("olist.json", "sales", read);
    expect(profile).toMatchObject({ name: "olist", decimalMark: ",", delimiter: "," });
    expect(profile.key).toMatch(/^olist@[0-9a-f]{12}$/);
    expect(profile.key).not.toBe(readProfile('{"side":"sales","name":"olist"}', "x").key);
  });

  it.each([
    ["not JSON", "{", "not JSON"],
    ["of unknown members", '{"side":"sales","delimeter":";"}', "delimeter"],
    ["of unknown columns", '{"side":"sales","columns":{"posting_date":"Datum"}}', 'column "posting_date"'],
    ["of one mark for two things", '{"side":"sales","decimalMark":",","groupMark":","}', "same mark"],
    ["of a delimiter that is the quote", '{"side":"sales","delimiter":"\\""}', "delimiter"],
    ["for the other side", '{"side":"ledger"}', "for ledger files"],
  ])("%s is refused in words", async (_, content, words) => {
    await expect(findProfile("p.json", "sales", async () => content)).rejects.toThrow(words);
  });

  it("that can't be read, or is built in for the other side, is refused in words", async () => {
    await expect(findProfile("p.json", "sales", nowhere)).rejects.toThrow("no profile p.json");
    await expect(findProfile("ledger", "sales", nowhere)).rejects.toThrow("for ledger files");
  });
});
