import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import { causeOf } from "@/lib/causes/registry";
import { durationWords } from "@/lib/domain/duration";
import { ENOUGH_CASES } from "@/lib/domain/status/lag";
import { transitionOf } from "@/lib/domain/status/transitions";
import type { ShopStatus, WaitingCounts } from "@/lib/status/data";

const whole = (count: number): string => count.toLocaleString("en");

const STATES: Readonly<Record<keyof WaitingCounts, Readonly<{ label: string; tone: Tone }>>> = {
  "on-time": { label: "On time", tone: "neutral" },
  late: { label: "Late but normal", tone: "neutral" },
  stuck: { label: "Stuck", tone: "attention" },
};

/** Every step of an order in one shop: what it normally takes there, and how many orders wait for it now. */
export function TransitionsTable({
  shop,
  hrefOf,
}: Readonly<{ shop: ShopStatus; hrefOf: (step: string, as: keyof WaitingCounts) => string }>) {
  return (
    <Table caption={`Steps of an order in ${shop.name}`} stacked>
      <thead>
        <tr>
          <Th>Step</Th>
          <Th>Who pushes it</Th>
          <Th align="end">Median</Th>
          <Th align="end">19 of 20 within</Th>
          <Th align="end">Cases</Th>
          <Th align="end">Stuck after</Th>
          {Object.values(STATES).map(({ label }) => (
            <Th key={label} align="end">
              {label}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shop.transitions.map(({ code, measured, limit, waiting }) => {
          const transition = transitionOf(code);
          return (
            <tr key={code}>
              <th scope="row" className="border-line border-b px-3 py-2 text-left font-normal">
                <span className="block font-medium">
                  {transition.from} → {transition.to}
                </span>
                {transition.isOfTheBooks && (
                  <span className="block text-soft text-xs">
                    Stuck ones are raised as “
                    {transition.instead.map((one) => causeOf(one)?.title ?? one).join("”, “")}”
                  </span>
                )}
              </th>
              <Td label="Who pushes it">{transition.pusher}</Td>
              <Td label="Median" align="end">
                {measured ? durationWords(measured.median) : "–"}
              </Td>
              <Td label="19 of 20 within" align="end">
                {measured ? durationWords(measured.p95) : "–"}
              </Td>
              <Td label="Cases" align="end">
                {measured ? whole(measured.cases) : "0"}
              </Td>
              <Td label="Stuck after" align="end">
                <span>
                  {durationWords(limit.seconds)}
                  <span className="block text-soft text-xs">{FROM[limit.from]}</span>
                </span>
              </Td>
              {(Object.keys(STATES) as (keyof WaitingCounts)[]).map((as) => (
                <Td key={as} label={STATES[as].label} align="end">
                  {waiting[as] === 0 ? (
                    <span className="text-soft">0</span>
                  ) : (
                    <Link
                      href={hrefOf(code, as) as Route}
                      className="inline-block min-h-[24px] underline underline-offset-2"
                      aria-label={`${whole(waiting[as])} ${STATES[as].label.toLowerCase()}: ${transition.from} → ${transition.to}`}
                    >
                      {as === "stuck" ? (
                        <Badge tone={STATES[as].tone}>{whole(waiting[as])}</Badge>
                      ) : (
                        whole(waiting[as])
                      )}
                    </Link>
                  )}
                </Td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

const FROM = {
  measured: "measured",
  documented: `by SCAYLE’s pages; fewer than ${ENOUGH_CASES} cases`,
  posting: `the ERP’s time to post; fewer than ${ENOUGH_CASES} cases`,
  floor: "never sooner",
} as const;
