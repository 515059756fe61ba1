import type { ReactNode } from "react";

/** Nothing to show: says so, and what makes the first row. */
export function EmptyState({
  title,
  icon,
  action,
  children,
}: Readonly<{ title: string; icon?: ReactNode; action?: ReactNode; children?: ReactNode }>) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      {icon && <div className="text-soft">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-sm text-soft">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}
