import { LoaderCircle } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";

const variants: Readonly<Record<ButtonVariant, string>> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border border-line bg-surface text-ink hover:bg-hover",
  quiet: "text-soft hover:bg-hover hover:text-ink",
  danger: "border border-line bg-surface text-broken hover:bg-broken-soft",
};

const shape =
  "fade inline-flex items-center justify-center gap-1.5 rounded-md px-3 font-medium text-sm disabled:opacity-60 disabled:cursor-not-allowed";
const ONE_LINE = "h-8 max-md:h-10 whitespace-nowrap";
const AS_MANY_LINES = "min-h-8 max-md:min-h-10 max-w-full py-1 text-left";

type Look = Readonly<{ variant?: ButtonVariant; icon?: ReactNode }>;

/** Something that can be done. `pending` says that it is being done, and keeps it from being done twice; `wrap`: its words may need several lines. */
export function Button({
  variant = "secondary",
  icon,
  pending = false,
  wrap = false,
  type = "button",
  className,
  children,
  disabled,
  ...rest
}: ComponentProps<"button"> & Look & Readonly<{ pending?: boolean; wrap?: boolean }>) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || pending}
      aria-busy={pending || undefined}
      className={cx(shape, wrap ? AS_MANY_LINES : ONE_LINE, variants[variant], className)}
    >
      {pending ? <LoaderCircle aria-hidden size={14} className="animate-spin" /> : icon}
      {children}
    </button>
  );
}

/** A link that looks like a button: for going somewhere, not for doing something. */
export function ButtonLink<Path extends string>({
  href,
  variant = "secondary",
  icon,
  className,
  children,
}: Look & Readonly<{ href: Route<Path>; className?: string; children: ReactNode }>) {
  return (
    <Link href={href} className={cx(shape, ONE_LINE, variants[variant], className)}>
      {icon}
      {children}
    </Link>
  );
}
