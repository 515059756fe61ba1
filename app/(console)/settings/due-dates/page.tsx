import type { Metadata } from "next";
import { CountryForm, DayForm } from "@/components/ownership/calendar-forms";
import { ChangesCard } from "@/components/ownership/changes-card";
import { DueAgeForm } from "@/components/ownership/due-age-form";
import { ApplyButton, DueForm } from "@/components/ownership/due-form";
import { keptWords } from "@/components/ownership/kept-words";
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
      description="By when somebody must have acted on an exception: by its amount and its age, in working days from the day it is found."
      context={{ entities: view.entities, entity: view.entity }}
      actions={
        <>
          <ButtonLink href="/settings/ownership">Ownership</ButtonLink>
          <ButtonLink href="/settings">All settings</ButtonLink>
        </>
      }
    >
      <Steps view={view} />
      <Age view={view} />
      <Calendar view={view} />
      {view.may.change && <OpenOnes view={view} />}
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
                open={view.open}
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
                open={view.open}
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

/** What the age of an exception does to its date. */
function Age({ view: { entity, olderThan, open, may } }: Readonly<{ view: DueDatesView }>) {
  return (
    <Card
      title="Age"
      description="By the business date: the first day of the books that it is about. What is older than so many days when it is found gets the working days of the next larger step above; what is in the largest already stays there. Without a business date (a feed, a record that could not be read) there is no age"
    >
      {may.change ? (
        <DueAgeForm
          key={`${entity.id} ${olderThan}`}
          entityId={entity.id}
          days={olderThan}
          hasOpen={open.byRule > 0}
        />
      ) : (
        <p className="text-sm">
          {olderThan === null
            ? "Age does not count."
            : `What is older than ${olderThan.toLocaleString("en")} days when it is found is due one step sooner.`}
        </p>
      )}
    </Card>
  );
}

/** What is open already keeps its date; here it gets the one that holds now. */
function OpenOnes({ view: { entity, open } }: Readonly<{ view: DueDatesView }>) {
  return (
    <Card
      title="What is open already"
      description="A change of steps or working days counts for what is found from then on"
    >
      <div className="flex flex-col items-start gap-3">
        <p className="max-w-prose text-sm">{keptWords(open)}</p>
        {open.byRule > 0 && <ApplyButton entityId={entity.id} />}
      </div>
    </Card>
  );
}

function whatCounts({ country, place, stated, entity }: DueDatesView): string {
  const why = stated === null ? `, as the time zone ${entity.timeZone} suggests` : "";
  if (country === null) return `Monday to Friday, without the days entered below${why}.`;
  if (place !== null)
    return `Monday to Friday without the public holidays of ${place} and the days entered below${why}. What only single towns keep is not among them: enter those days.`;
  return `Monday to Friday without the days entered below${why}. The holidays of ${country} are not known here: they have to be entered.`;
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
            places={view.places}
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
                <Td>public holiday: {view.place}</Td>
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
