import type { Sight } from "../contract";
import { faultOf } from "../fault";
import { searchRead } from "./records";
import type { Rpc } from "./rpc";
import { companyWire, WIRE } from "./wire";

type Finding = Readonly<{ sees?: string; problem?: string; stop?: boolean }>;

/** Looks for the company and at what of it can be read, and says in words what came of it. A refused login ends it. */
export async function seeTryton(rpc: Rpc): Promise<Sight> {
  const findings: Finding[] = [await found(() => companyFinding(rpc))];
  const reads = [
    [WIRE.models.invoice, WIRE.fields.invoice],
    [WIRE.models.line, WIRE.fields.line],
    [WIRE.models.invoiceTax, WIRE.fields.invoiceTax],
    [WIRE.models.tax, WIRE.fields.tax],
  ] as const;
  for (const [model, fields] of reads) {
    if (findings.some((one) => one.stop)) break;
    findings.push(await found(() => modelFinding(rpc, model, fields)));
  }
  return {
    ok: findings.every((one) => one.problem === undefined),
    sees: findings.flatMap((one) => one.sees ?? []),
    problems: findings.flatMap((one) => one.problem ?? []),
  };
}

async function companyFinding(rpc: Rpc): Promise<Finding> {
  const company = await rpc.company();
  const { records } = await searchRead(
    rpc,
    WIRE.models.company,
    [["id", "=", company]],
    WIRE.fields.company,
    1,
  );
  const parsed = companyWire.safeParse(records[0]);
  if (!parsed.success) return { problem: `Company ${company} is not one that the user sees.`, stop: true };
  const { "party.": party, "currency.": currency } = parsed.data;
  return { sees: `Tryton company "${party?.name ?? company}", books in ${currency?.code ?? "no currency"}` };
}

async function modelFinding(rpc: Rpc, model: string, fields: readonly string[]): Promise<Finding> {
  const { records } = await searchRead(rpc, model, [], fields, 1);
  return { sees: `Tryton ${model}: ${records.length === 0 ? "none yet" : "readable"}` };
}

async function found(ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    const fault = faultOf(error);
    if (fault === null || !(error instanceof Error)) throw error;
    // Without a session there is nothing more to see, and each try would count against the user.
    return { problem: error.message, stop: fault.kind !== "status" || fault.status !== 403 };
  }
}
