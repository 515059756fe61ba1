import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "./class-names";

const look =
  "fade w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink text-sm max-md:text-[16px] placeholder:text-soft disabled:opacity-60 aria-[invalid=true]:border-broken";

type Labelled = Readonly<{
  label: string;
  /** Keeps the label for screen readers only, where the place says it to everybody else. */
  hideLabel?: boolean | undefined;
  hint?: ReactNode | undefined;
  error?: string | undefined;
}>;

/** A button that belongs to the control, beside it. */
type WithAction = Readonly<{ action?: ReactNode | undefined }>;

type Described = Readonly<{ id: string; "aria-describedby"?: string; "aria-invalid"?: true }>;

function Field({
  label,
  hideLabel = false,
  hint,
  error,
  action,
  className,
  children,
}: Labelled &
  WithAction &
  Readonly<{ className?: string | undefined; children: (described: Described) => ReactNode }>) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  const control = children({
    id,
    ...(note && { "aria-describedby": noteId }),
    ...(error && { "aria-invalid": true }),
  });
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "font-medium text-sm"}>
        {label}
      </label>
      {action ? (
        <div className="flex items-center gap-2">
          {control}
          {action}
        </div>
      ) : (
        control
      )}
      {note && (
        <p id={noteId} className={cx("text-xs", error ? "text-broken" : "text-soft")}>
          {note}
        </p>
      )}
    </div>
  );
}

/** One line of text with its label. */
export function TextField({
  label,
  hideLabel,
  hint,
  error,
  action,
  className,
  ...input
}: Labelled & WithAction & Omit<ComponentProps<"input">, "action">) {
  return (
    <Field
      label={label}
      hideLabel={hideLabel}
      hint={hint}
      error={error}
      action={action}
      className={className}
    >
      {(described) => <input type="text" {...input} {...described} className={cx(look, "h-8 max-md:h-10")} />}
    </Field>
  );
}

/** A choice of a few with its label; the options are its children. */
export function SelectField({
  label,
  hideLabel,
  hint,
  error,
  className,
  children,
  ...select
}: Labelled & ComponentProps<"select">) {
  return (
    <Field label={label} hideLabel={hideLabel} hint={hint} error={error} className={className}>
      {(described) => (
        <select {...select} {...described} className={cx(look, "h-8 pr-1 max-md:h-10")}>
          {children}
        </select>
      )}
    </Field>
  );
}

/** Several lines of text with its label. */
export function TextareaField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...textarea
}: Labelled & ComponentProps<"textarea">) {
  return (
    <Field label={label} hideLabel={hideLabel} hint={hint} error={error} className={className}>
      {(described) => <textarea rows={3} {...textarea} {...described} className={cx(look, "py-1.5")} />}
    </Field>
  );
}
