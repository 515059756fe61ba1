import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import type { Question } from "@/lib/orders/questions";
import { AskForm } from "./ask-form";

/** What was asked about the order, where each question stands, and a form to ask. */
export function QuestionsCard({
  entityId,
  orderKey,
  questions,
  mayAsk,
  timeZone,
}: Readonly<{
  entityId: string;
  orderKey: string;
  questions: readonly Question[];
  mayAsk: boolean;
  timeZone: string;
}>) {
  if (!mayAsk && questions.length === 0) return null;
  return (
    <Card title="Ask finance or operations">
      <QuestionsList label="Questions about this order" questions={questions} timeZone={timeZone} />
      {mayAsk && <AskForm entityId={entityId} orderKey={orderKey} />}
    </Card>
  );
}

/** Questions with who has each, until when, and the answer. */
export function QuestionsList({
  label,
  questions,
  timeZone,
  withOrder = false,
}: Readonly<{ label: string; questions: readonly Question[]; timeZone: string; withOrder?: boolean }>) {
  if (questions.length === 0) return null;
  return (
    <ul aria-label={label} className="mb-4 flex flex-col gap-3 text-sm">
      {questions.map((one) => (
        <li key={one.id} className="flex flex-col gap-1 border-line border-b pb-3 last:border-b-0">
          <div className="flex flex-wrap items-center justify-between gap-2">
            {one.answeredAt ? (
              <Badge tone="agrees">Answered</Badge>
            ) : (
              <Badge tone="attention">Waits for an answer</Badge>
            )}
            <span className="text-soft text-xs">
              {one.askedBy} asked {one.team} on <Instant at={one.askedAt} timeZone={timeZone} />
            </span>
          </div>
          {withOrder && (
            <Link
              href={`/orders/${one.orderKey}` as Route}
              className="font-medium underline underline-offset-2"
            >
              Order {one.order ?? "without a reference"}
            </Link>
          )}
          <p className="max-w-prose whitespace-pre-wrap">{one.note}</p>
          {one.answer !== null && one.answeredAt ? (
            <p className="max-w-prose whitespace-pre-wrap rounded-md bg-sunken px-3 py-2">
              {one.answer}
              <span className="block text-soft text-xs">
                {one.answeredBy}, <Instant at={one.answeredAt} timeZone={timeZone} />
              </span>
            </p>
          ) : (
            <p className="text-soft text-xs">
              {one.assignee ? `${one.assignee} works on it` : "Nobody works on it yet"}
              {one.due && (
                <>
                  , due <DayText day={one.due} />
                </>
              )}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
