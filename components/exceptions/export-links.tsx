import { Download } from "lucide-react";

/** Everything that the filter means, as a file. Plain links: the browser saves what comes while it comes. */
export function ExportLinks({
  entityId,
  filter,
  sort,
}: Readonly<{ entityId: string; filter: Readonly<Record<string, string>>; sort: string }>) {
  const address = (format: string) =>
    `/api/exceptions/export?${new URLSearchParams({ ...filter, sort, entity: entityId, format })}`;
  return (
    <span className="flex items-center gap-1 text-sm">
      <Download aria-hidden size={14} className="text-soft" />
      {(["csv", "xlsx"] as const).map((format) => (
        <a
          key={format}
          href={address(format)}
          download
          className="fade inline-flex h-8 items-center rounded-md px-2 font-medium text-soft hover:bg-hover hover:text-ink max-md:h-10"
        >
          <span className="sr-only">Export as </span>
          {format === "csv" ? "CSV" : "Excel"}
        </a>
      ))}
    </span>
  );
}
