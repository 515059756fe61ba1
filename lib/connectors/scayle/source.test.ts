import { describe, expect, it } from "vitest";
import { createHttpClient } from "../http";
import { scayleSettings } from "./settings";
import { openScayle } from "./source";

type Handler = (url: URL, headers: Headers) => Response;

function sourceOn(handler: Handler, baseUrl = "https://acme-live.admin.api.scayle.cloud") {
  const asked: URL[] = [];
  const http = createHttpClient({
    fetch: async (input, init) => {
      const url = new URL(String(input));
      asked.push(url);
      return handler(url, new Headers(init?.headers));
    },
    now: () => new Date("2026-11-01T00:00:00Z"),
    sleep: async () => undefined,
    random: () => 0,
    attemptsMax: 2,
  });
  const settings = scayleSettings.parse({ baseUrl, shops: ["NL/NL"] });
  const source = openScayle(
    settings,
    { accessToken: "key-1" },
    { http, signal: new AbortController().signal },
  );
  const read = async (modifiedSince: Date | null): Promise<string[]> => {
    const ids: string[] = [];
    for await (const page of source.orders("nl/nl", { modifiedSince }))
      ids.push(...page.readings.map((one) => one.sourceId));
    return ids;
  };
  return { source, read, asked };
}

const page = (ids: readonly number[], next?: string | null) =>
  Response.json({ entities: ids.map((id) => ({ id })), ...(next === undefined ? {} : { cursor: { next } }) });

const BASE = "https://acme-live.admin.api.scayle.cloud/api/admin/v1";

describe("the order list", () => {
  it("is asked for at the shop's path with the token, below a base URL that names the API", async () => {
    const { read, asked } = sourceOn((_, headers) => {
      expect(headers.get("x-access-token")).toBe("key-1");
      return page([1]);
    }, BASE);
    await read(new Date("2026-10-31T10:00:00.500Z"));
    expect(asked.map(String)).toEqual([
      `${BASE}/shops/nl/countries/nl/orders?limit=100&filters%5BminUpdatedAt%5D=2026-10-31T10%3A00%3A00%2B00%3A00`,
    ]);
  });

  it.each([
    ["null", null],
    ["absent", undefined],
    ["empty", ""],
  ])("ends where the cursor is %s", async (_, end) => {
    const { read } = sourceOn(
      (url) => (url.searchParams.get("cursor") === "Mgo=" ? page([3], end) : page([1, 2], "Mgo=")),
      BASE,
    );
    expect(await read(null)).toEqual(["1", "2", "3"]);
  });

  it("whose cursor repeats is refused instead of read for ever", async () => {
    const { read } = sourceOn(() => page([1], "2"), BASE);
    await expect(read(null)).rejects.toThrow('cursor "2" repeats');
  });

  it("that isn't a list is refused", async () => {
    const { read } = sourceOn(() => Response.json({ data: [] }), BASE);
    await expect(read(null)).rejects.toThrow("entities");
  });

  it("is read whole where the tenant doesn't know the filter, and the connection says so", async () => {
    const { read, source } = sourceOn(
      (url) =>
        [...url.searchParams.keys()].some((name) => name.startsWith("filters"))
          ? Response.json(
              { errors: [{ errorKey: "BAD_REQUEST", message: "unknown filter" }] },
              { status: 400 },
            )
          : page([1, 2]),
      BASE,
    );
    expect(await read(new Date("2026-10-31T10:00:00Z"))).toEqual(["1", "2"]);
    expect(source.capabilities["incrementalOrders"]).toBe(false);
  });

  it("is found below the API's path, or where the given address itself is the API", async () => {
    const { read, asked } = sourceOn(
      (url) => (url.pathname.startsWith("/api/admin/v1/") ? new Response("no", { status: 404 }) : page([1])),
      "http://127.0.0.1:9000",
    );
    expect(await read(null)).toEqual(["1"]);
    expect(asked.at(-1)?.pathname).toBe("/shops/nl/countries/nl/orders");
  });
});

describe("one order", () => {
  it("is asked for by id, or by reference with its key escaped", async () => {
    const { source, asked } = sourceOn(() => Response.json({ id: 5 }), BASE);
    await source.order("nl/nl", { id: "5" });
    await source.order("nl/nl", { reference: "A/1 ü" });
    expect(asked.map((url) => url.pathname.split("/orders/")[1])).toEqual(["5", "key%3DA%2F1%20%C3%BC"]);
  });
});

describe("the channels", () => {
  it.each([403, 404])("are none where the answer is %i", async (status) => {
    const { source } = sourceOn(() => Response.json({}, { status }), BASE);
    expect(await source.channels()).toEqual([]);
  });
});

describe("the base URL", () => {
  it("must be https, unless it stays within a private network", () => {
    const isGood = (baseUrl: string) => scayleSettings.safeParse({ baseUrl, shops: [] }).success;
    expect(isGood("http://acme.scayle.cloud")).toBe(false);
    expect(isGood("ftp://localhost")).toBe(false);
    expect(isGood("acme")).toBe(false);
    for (const fine of [
      "https://acme.scayle.cloud/",
      "http://127.0.0.1:8080",
      "http://localhost/x",
      "http://10.0.0.7",
    ])
      expect(isGood(fine)).toBe(true);
  });
});

describe("orders of some days", () => {
  it("are those placed on them, however long ago the others changed; a day that is not said belongs to any", async () => {
    const placed = [
      { id: 1, createdAt: "2026-10-04T23:59:59+00:00" },
      { id: 2, createdAt: "2026-10-05T00:00:00+00:00" },
      { id: 3, createdAt: "2026-10-06T23:59:59+00:00" },
      { id: 4, createdAt: "2026-10-07T00:00:00+00:00" },
      { id: 5 },
    ];
    const { source, asked } = sourceOn(
      () => Response.json({ entities: placed, cursor: { next: null } }),
      BASE,
    );
    const ids: string[] = [];
    for await (const one of source.ordersOf?.("nl/nl", { from: "2026-10-05", to: "2026-10-06" }) ?? [])
      ids.push(...one.readings.map((reading) => reading.sourceId));
    expect(ids).toEqual(["2", "3", "5"]);
    expect(asked[0]?.searchParams.get("filters[minUpdatedAt]")).toBe("2026-10-05T00:00:00+00:00");
  });

  it("and a list that was broken off go on behind the page that was stored, and say where the next begins", async () => {
    const { source, asked } = sourceOn(() => page([7], "Nw=="), BASE);
    for await (const one of source.orders("nl/nl", { modifiedSince: null, after: "Ng==" })) {
      expect(one.next).toBe("Nw==");
      break;
    }
    expect(asked[0]?.searchParams.get("cursor")).toBe("Ng==");
  });
});
