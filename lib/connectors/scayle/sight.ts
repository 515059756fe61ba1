import type { Sight } from "../contract";
import { faultOf } from "../fault";
import type { ScayleSettings } from "./settings";
import { channelsOf, type ScayleGet, shopPathOf } from "./transport";
import { collectionWire, WIRE } from "./wire";

type Finding = Readonly<{ sees?: string; problem?: string }>;

/** Asks for one order of each shop and for the channels, and says in words what came of it. */
export async function seeScayle(settings: ScayleSettings, get: ScayleGet): Promise<Sight> {
  const shops: Finding[] = [];
  for (const shop of settings.shops) shops.push(await shopFinding(shop, get));
  const findings = [...shops, await channelFinding(settings, get)];
  return {
    ok: shops.length > 0 && shops.every((one) => one.problem === undefined),
    sees: findings.flatMap((one) => one.sees ?? []),
    problems: [
      ...(shops.length === 0 ? ["No shop is named: give shopKey/countryCode."] : []),
      ...findings.flatMap((one) => one.problem ?? []),
    ],
  };
}

async function shopFinding(shop: string, get: ScayleGet): Promise<Finding> {
  try {
    const { body } = await get(WIRE.paths.orders(shopPathOf(shop)), { limit: "1" }, WIRE.scopes.orders, 2);
    const page = collectionWire.safeParse(body);
    if (!page.success)
      return { problem: `Shop ${shop}: the answer is no list of orders. Check the base URL.` };
    return { sees: `SCAYLE shop ${shop}: ${page.data.entities.length === 0 ? "no orders yet" : "orders"}` };
  } catch (error) {
    if (faultOf(error) === null || !(error instanceof Error)) throw error;
    return { problem: `Shop ${shop}: ${error.message}` };
  }
}

async function channelFinding(settings: ScayleSettings, get: ScayleGet): Promise<Finding> {
  try {
    const channels = await channelsOf(get, settings);
    const names = channels.map((channel) => channel.key).join(", ");
    return {
      sees:
        names === ""
          ? `SCAYLE company ${settings.companyId}: no sales channels to be seen; marketplace orders are still told apart by the channel they name`
          : `SCAYLE company ${settings.companyId}: channels ${names}`,
    };
  } catch (error) {
    if (faultOf(error) === null || !(error instanceof Error)) throw error;
    return { problem: `Channels: ${error.message}` };
  }
}
