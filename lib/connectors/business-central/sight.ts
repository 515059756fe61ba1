import type { Sight } from "../contract";
import { faultOf } from "../fault";
import type { BusinessCentralSettings } from "./settings";
import type { Transport } from "./transport";
import { companyWire, WIRE } from "./wire";

type Finding = Readonly<{ sees?: string; problem?: string }>;

/** Looks for the company and at what of it can be read, and says in words what came of it. */
export async function seeBusinessCentral(
  settings: BusinessCentralSettings,
  transport: Transport,
): Promise<Sight> {
  const findings: Finding[] = [await found(() => companyFinding(settings, transport))];
  const needed = [WIRE.sets.sale.name, WIRE.sets.credit.name];
  if (findings.every((one) => one.problem === undefined))
    for (const name of needed) findings.push(await found(() => setFinding(name, settings, transport)));
  const isOk = findings.every((one) => one.problem === undefined);
  if (isOk)
    for (const name of ["items", "taxGroups"])
      findings.push(await found(() => setFinding(name, settings, transport)));
  return {
    ok: isOk,
    sees: findings.flatMap((one) => one.sees ?? []),
    problems: findings.flatMap((one) => one.problem ?? []),
  };
}

async function companyFinding(settings: BusinessCentralSettings, transport: Transport): Promise<Finding> {
  const names: string[] = [];
  for await (const page of transport.pages("/companies", {}, WIRE.pageSize, 2))
    for (const entity of page.entities) {
      const parsed = companyWire.safeParse(entity);
      if (!parsed.success) continue;
      const name = parsed.data.displayName ?? parsed.data.name ?? "unnamed";
      if (parsed.data.id.toLowerCase() === settings.companyId.toLowerCase())
        return { sees: `Business Central company "${name}"` };
      names.push(`${name} (${parsed.data.id})`);
    }
  return {
    problem: `Company ${settings.companyId} is not among those the credentials see: ${names.join(", ") || "none"}.`,
  };
}

async function setFinding(
  name: string,
  settings: BusinessCentralSettings,
  transport: Transport,
): Promise<Finding> {
  const path = `${WIRE.company(settings.companyId)}/${name}`;
  for await (const page of transport.pages(path, { $top: "1" }, 1, 2))
    return { sees: `Business Central ${name}: ${page.entities.length === 0 ? "none yet" : "readable"}` };
  return {};
}

async function found(ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    if (faultOf(error) === null || !(error instanceof Error)) throw error;
    return { problem: error.message };
  }
}
