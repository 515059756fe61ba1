import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import type { Tone } from "@/components/ui/tone";
import type { ChecklistView, Evidence, Task } from "@/lib/close/checklist";
import { EvidenceForm, RemoveEvidence, TaskButton } from "./task-acts";
import { TemplateForm } from "./template-form";

/** What has to be done before the month is closed: by people, and by facts that complete their tasks themselves. */
export function ChecklistCard({ view, timeZone }: Readonly<{ view: ChecklistView; timeZone: string }>) {
  const { tasks } = view;
  const complete = tasks.filter((one) => one.complete).length;
  const inOrder = [...tasks].sort((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
  return (
    <Card
      id="checklist"
      title="Checklist"
      description={`${complete} of ${tasks.length} complete. What facts complete is undone again when they change.`}
      flush
    >
      <ol aria-label="Checklist" className="divide-y divide-line">
        {inOrder.map((task) => (
          <TaskRow key={task.template.id} task={task} view={view} timeZone={timeZone} />
        ))}
        {tasks.length === 0 && <li className="p-4 text-sm text-soft">Nothing is on the checklist.</li>}
      </ol>
      {view.may.change && (
        <details className="border-line border-t p-4 text-sm">
          <summary className="cursor-pointer text-soft">Change the checklist of every month</summary>
          <div className="flex flex-col gap-2 pt-3">
            {tasks.map(({ template }) => (
              <details key={template.id} className="rounded-md border border-line px-3 py-2">
                <summary className="cursor-pointer">{template.title}</summary>
                <TemplateForm {...choicesFor(view, template.id)} template={template} />
              </details>
            ))}
            <details className="rounded-md border border-line px-3 py-2">
              <summary className="cursor-pointer font-medium">Add a task</summary>
              <TemplateForm {...choicesFor(view, null)} template={null} />
            </details>
          </div>
        </details>
      )}
    </Card>
  );
}

const choicesFor = ({ entityId, tasks, people, teams }: ChecklistView, own: string | null) => ({
  entityId,
  others: tasks
    .filter(({ template }) => template.id !== own)
    .map(({ template }) => ({ id: template.id, title: template.title })),
  people: people.map(({ id, name }) => ({ id, name })),
  teams: teams.map(({ id, name }) => ({ id, name })),
});

/** WD+2: the second working day after the month; WD−1: its last. */
const workingDay = (day: number): string => `WD${day > 0 ? "+" : "−"}${Math.abs(day)}`;

function stateOf({ complete, overdue, done, waitsFor }: Task, closed: boolean): readonly [Tone, string] {
  if (complete) return ["agrees", "Complete"];
  // Of a closed month nothing can be done any more.
  if (closed) return ["neutral", done?.doneAt ? "Done, not reviewed" : "Was not complete"];
  if (done?.doneAt) return ["attention", "To be reviewed"];
  if (overdue) return ["broken", "Overdue"];
  return waitsFor.length > 0 ? ["neutral", "Waits"] : ["neutral", "Open"];
}

function TaskRow({ task, view, timeZone }: Readonly<{ task: Task; view: ChecklistView; timeZone: string }>) {
  const { template, fact, done, due, evidence } = task;
  const [tone, word] = stateOf(task, view.closed);
  const mayWork = view.may.work && !view.closed && view.known;
  return (
    <li className="flex flex-col gap-2 px-4 py-3 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-0.5">
          <span className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{template.title}</span>
            <Badge tone={tone}>{word}</Badge>
            {template.rule !== null && <Badge>By itself</Badge>}
          </span>
          {template.what && <span className="text-soft">{template.what}</span>}
          {fact && <span>{fact.says}</span>}
          {task.waitsFor.length > 0 && !task.complete && (
            <span className="text-soft">Comes after: {task.waitsFor.join(", ")}</span>
          )}
          {done?.doneAt && (
            <span>
              Done by {done.doneBy}, <Instant at={done.doneAt} timeZone={timeZone} />
              {done.note && `: ${done.note}`}
              {done.reviewedAt && (
                <>
                  {" "}
                  · reviewed by {done.reviewedBy}, <Instant at={done.reviewedAt} timeZone={timeZone} />
                </>
              )}
            </span>
          )}
        </div>
        <div className="flex shrink-0 flex-col items-end gap-0.5 text-right max-md:items-start max-md:text-left">
          <span>
            {workingDay(template.dueDay)} · <DayText day={due} />
          </span>
          <span className="text-soft">
            {task.owner}
            {task.reviewer && ` → ${task.reviewer}`}
          </span>
        </div>
      </div>
      {evidence.length > 0 && (
        <EvidenceList evidence={evidence} view={view} mayWork={mayWork} timeZone={timeZone} />
      )}
      {mayWork && (
        <div className="flex flex-wrap items-start gap-2">
          {template.rule === null && <Acts task={task} view={view} />}
          <EvidenceForm
            of={{ entityId: view.entityId, month: view.month, templateId: template.id }}
            what={template.title}
          />
        </div>
      )}
    </li>
  );
}

function Acts({ task, view }: Readonly<{ task: Task; view: ChecklistView }>) {
  const { template, done } = task;
  const of = { entityId: view.entityId, month: view.month, templateId: template.id };
  const what = template.title;
  if (!done?.doneAt) return <TaskButton of={of} act="done" label="Mark as done" what={what} strong />;
  const mayReview =
    template.needsReview &&
    !done.reviewedAt &&
    done.doneById !== view.me &&
    (template.reviewerId === null || template.reviewerId === view.me);
  return (
    <>
      {mayReview && <TaskButton of={of} act="reviewed" label="Reviewed" what={what} strong />}
      {done.reviewedById === view.me ? (
        <TaskButton of={of} act="not-reviewed" label="Take the review back" what={what} />
      ) : (
        <TaskButton of={of} act="not-done" label="Not done" what={what} />
      )}
    </>
  );
}

function EvidenceList({
  evidence,
  view,
  mayWork,
  timeZone,
}: Readonly<{
  evidence: readonly Evidence[];
  view: ChecklistView;
  mayWork: boolean;
  timeZone: string;
}>) {
  return (
    <ul aria-label="Evidence" className="flex flex-col gap-1">
      {evidence.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-2">
          <a
            href={one.url ?? `/api/close/evidence?id=${one.id}`}
            {...(one.url && { rel: "noreferrer", target: "_blank" })}
            className="break-all underline decoration-line-strong underline-offset-4"
          >
            {one.name}
          </a>
          <span className="text-soft">
            {one.addedBy}, <Instant at={one.addedAt} timeZone={timeZone} />
            {one.sha256 && <span className="font-mono text-xs"> · SHA-256 {one.sha256.slice(0, 12)}…</span>}
          </span>
          {mayWork && <RemoveEvidence entityId={view.entityId} id={one.id} name={one.name} />}
        </li>
      ))}
    </ul>
  );
}
