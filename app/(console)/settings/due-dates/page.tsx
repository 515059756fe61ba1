import type { Metadata } from "next";
import { CountryForm, DayForm } from "@/components/ownership/calendar-forms";
import { ChangesCard } from "@/components/ownership/changes-card";
import { DueForm } from "@/components/ownership/due-form";
import { RemoveDay } from "@/components/ownership/remove-button";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { DayText } from "@/components/ui/instant";
import { oneParam } from "@/components/ui/search-params";
import { Table, Td, Th } from "@/components/ui/table";
import { type DueDatesView, loadDueDates } from "@/lib/ownership/loaders";

export const metadata: Metadata = { title: "Due dates" };

export default async function DueDatesPage({ searchParams }: PageProps<"/settings/due-dates">) {
  const view = await loadDueDates(oneParam((await searchParams)["entity"]));
  if (view.entity === null) {
    return (
      <ConsolePage title="Due dates">
        <EmptyState title="No entity is connected yet.">
          By when its exceptions are due is set here once SCAYLE and the ERP of a legal entity are connected.
        </EmptyState>
      </ConsolePage>
    );
  }
  return (
    <ConsolePage
      title="Due dates"
      description="By when somebody must have acted on an exception: by its amount, in working days from the day it is found."
      context={{ entities: view.entities, entity: view.entity }}
      actions={
        <>
          <ButtonLink href="/settings/ownership">Ownership</ButtonLink>
          <ButtonLink href="/settings">All settings</ButtonLink>
        </>
      }
    >
      <Steps view={view} />
      <Calendar view={view} />
      <ChangesCard history={view.history} timeZone={view.entity.timeZone} />
    </ConsolePage>
  );
}

const currencyWords = (currency: string): string => (currency === "*" ? "Every currency" : currency);

function Steps({ view }: Readonly<{ view: DueDatesView }>) {
  return (
    <Card
      title="Working days by amount"
      description="The largest of net, tax and gross counts, in major units of its own currency: nothing is converted. A day that a person set stays; figures that change make it earlier, never later"
    >
      <div className="flex flex-col gap-5">
        {view.steps.map(({ currency, isDefault, steps }) => (
          <section key={currency} aria-label={currencyWords(currency)} className="flex flex-col gap-2">
            <h3 className="flex items-center gap-2 font-semibold text-sm">
              {currencyWords(currency)}
              {isDefault && <Badge>Default</Badge>}
            </h3>
            {view.may.change ? (
              <DueForm
                key={`${view.entity.id} ${steps.map((step) => `${step.fromMajor}:${step.workingDays}`).join()}`}
                entityId={view.entity.id}
                currency={currency}
                isDefault={isDefault}
                steps={steps.map((step) => ({ from: step.fromMajor.toString(), days: step.workingDays }))}
              />
            ) : (
              <ul className="text-sm">
                {steps.map((step) => (
                  <li key={step.fromMajor.toString()} className="figures">
                    from {step.fromMajor.toLocaleString("en")}: {step.workingDays} working{" "}
                    {step.workingDays === 1 ? "day" : "days"}
                  </li>
                ))}
              </ul>
            )}
          </section>
        ))}
        {view.may.change && (
          <details>
            <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
              Set a currency apart
            </summary>
            <div className="pt-2">
              <DueForm
                entityId={view.entity.id}
                currency={null}
                isDefault
                steps={[
                  { from: "1000", days: 3 },
                  { from: "0", days: 5 },
                ]}
              />
            </div>
          </details>
        )}
      </div>
    </Card>
  );
}

function whatCounts({ country, isComputed, stated, computedCountries, entity }: DueDatesView): string {
  const why = stated === null ? `, as the time zone ${entity.timeZone} suggests` : "";
  if (country === null) return `Monday to Friday, without the days entered below${why}.`;
  if (isComputed)
    return `Monday to Friday without the national holidays of ${country} and the days entered below${why}. Holidays of single regions are not among them: enter those that the entity keeps.`;
  return `Monday to Friday without the days entered below${why}. Holidays are computed for ${computedCountries.join(", ")} only: those of ${country} have to be entered.`;
}

function Calendar({ view }: Readonly<{ view: DueDatesView }>) {
  return (
    <Card title="Working days" description={whatCounts(view)}>
      <div className="flex flex-col gap-5">
        {view.may.change && (
          <CountryForm
            key={`${view.entity.id} ${view.stated}`}
            entityId={view.entity.id}
            stated={view.stated}
            suggested={view.suggested}
            computed={view.computedCountries}
          />
        )}
        {view.may.change && (
          <DayForm entityId={view.entity.id} country={view.country} everywhere={view.may.everywhere} />
        )}
        <Table caption="Holidays and other days that count differently">
          <thead>
            <tr>
              <Th>Day</Th>
              <Th>Name</Th>
              <Th>It is</Th>
              <Th>From</Th>
              <Th>
                <span className="sr-only">Remove</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {view.days.map((day) => (
              <tr key={day.id}>
                <Td>
                  <DayText day={day.day} />
                </Td>
                <Td>{day.name}</Td>
                <Td>{day.working ? "worked" : "free"}</Td>
                <Td>{day.country === null ? "entered for the entity" : `entered for ${day.country}`}</Td>
                <Td align="end">
                  {view.may.change && (day.country === null || view.may.everywhere) && (
                    <RemoveDay id={day.id} entityId={view.entity.id} what={`${day.name}, ${day.day}`} />
                  )}
                </Td>
              </tr>
            ))}
            {view.holidays.map((holiday) => (
              <tr key={holiday.id}>
                <Td>
                  <DayText day={holiday.day} />
                </Td>
                <Td>{holiday.name}</Td>
                <Td>free</Td>
                <Td>computed for {view.country}</Td>
                <Td />
              </tr>
            ))}
            {view.days.length + view.holidays.length === 0 && (
              <tr>
                <Td colSpan={5} className="text-soft">
                  None: every Monday to Friday is worked.
                </Td>
              </tr>
            )}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
