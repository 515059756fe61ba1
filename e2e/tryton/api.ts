import { ADMIN, DATABASE } from "./server";

/*
 * Writing to Tryton through its own API: what people and integrations do there. It shares nothing with the connector,
 * which only reads.
 */

export type Row = Readonly<Record<string, unknown>>;
type Domain = readonly unknown[];

export const decimal = (text: string) => ({ __class__: "Decimal", decimal: text });
export const day = (text: string) => {
  const [year, month, ofMonth] = text.split("-").map(Number);
  return { __class__: "date", year, month, day: ofMonth };
};

/** Minor units of two decimals as Tryton takes an amount. */
export function amount(minor: bigint) {
  const digits = String(minor < 0n ? -minor : minor).padStart(3, "0");
  return decimal(`${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`);
}

/** Ten-thousandths of the currency as Tryton takes a price. */
export function price(tenThousandths: bigint) {
  const digits = String(tenThousandths < 0n ? -tenThousandths : tenThousandths).padStart(5, "0");
  return decimal(`${tenThousandths < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`);
}

/** Minor units of an amount as Tryton gives it. */
export function minorOf(value: unknown): bigint {
  const text = String((value as { decimal?: unknown } | null)?.decimal ?? "");
  const match = /^(-?)(\d+)(?:\.(\d{1,2})0*)?$/.exec(text);
  if (!match) throw new Error(`${JSON.stringify(value)} is no amount of two decimals.`);
  return BigInt(`${match[1]}${match[2]}${(match[3] ?? "").padEnd(2, "0")}`);
}

/** A person at work in Tryton. */
export type Clerk = Readonly<{
  call(method: string, ...params: readonly unknown[]): Promise<unknown>;
  create(model: string, rows: readonly Row[]): Promise<readonly number[]>;
  one(model: string, row: Row): Promise<number>;
  find(model: string, domain: Domain, fields: readonly string[]): Promise<readonly Row[]>;
  idOf(model: string, domain: Domain): Promise<number>;
  /** Runs a wizard through these states with these forms, and gives what the last one answers. */
  wizard(name: string, steps: readonly Readonly<{ form: Row; state: string }>[], context?: Row): Promise<Row>;
  /** Takes over what the user's preferences say by now. */
  settle(): Promise<void>;
}>;

export async function signIn(
  url: string,
  { user, password }: Readonly<{ user: string; password: string }> = ADMIN,
): Promise<Clerk> {
  let count = 0;
  let context: Row = {};
  let authorization: string | null = null;
  async function post(method: string, params: readonly unknown[]): Promise<unknown> {
    count += 1;
    const response = await fetch(`${url}/${DATABASE}/`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify({ id: count, method, params }),
    });
    if (!response.ok) throw new Error(`${method}: ${response.status}`);
    const answer = (await response.json()) as { result?: unknown; error?: unknown };
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error).slice(0, 600)}`);
    return answer.result;
  }
  const call: Clerk["call"] = (method, ...params) => post(method, [...params, context]);
  const create: Clerk["create"] = async (model, rows) =>
    (await call(`model.${model}.create`, rows)) as readonly number[];
  const find: Clerk["find"] = async (model, domain, fields) =>
    (await call(`model.${model}.search_read`, domain, 0, null, [["id", "ASC"]], fields)) as readonly Row[];
  const settle: Clerk["settle"] = async () => {
    context = { ...((await call("model.res.user.get_preferences", true)) as Row), language: "en" };
  };
  const [id, key] = (await post("common.db.login", [user, { password }, "en"])) as [number, string];
  authorization = `Session ${Buffer.from(`${user}:${id}:${key}`).toString("base64")}`;
  await settle();
  return {
    call,
    create,
    find,
    settle,
    one: async (model, row) => {
      const [made] = await create(model, [row]);
      if (made === undefined) throw new Error(`${model} was not created.`);
      return made;
    },
    idOf: async (model, domain) => {
      const [found] = await find(model, domain, ["id"]);
      if (!found) throw new Error(`There is no ${model} with ${JSON.stringify(domain)}.`);
      return Number(found["id"]);
    },
    wizard: async (name, steps, extra = {}) => {
      const before = context;
      context = { ...context, ...extra };
      try {
        const [session] = (await call(`wizard.${name}.create`)) as [number];
        let answer: Row = {};
        for (const { form, state } of steps)
          answer = (await call(`wizard.${name}.execute`, session, form, state)) as Row;
        await call(`wizard.${name}.delete`, session);
        return answer;
      } finally {
        context = before;
      }
    },
  };
}
