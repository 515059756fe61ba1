"use client";

import { useRouter } from "next/navigation";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import { useCommand } from "@/components/ui/use-command";
import { notCsv } from "@/lib/domain/not-csv";
import { importFile } from "@/lib/mappings/actions";
import type { FileProblem } from "@/lib/mappings/file";
import type { MappingTable } from "@/lib/mappings/schema";
import { requestPath } from "../change/words";

/** Takes rows of a table from a CSV file: one request for all of them, or a report of every bad row. */
export function ImportMappings({
  entityId,
  table,
  columns,
}: Readonly<{ entityId: string; table: MappingTable; columns: readonly string[] }>) {
  const router = useRouter();
  const [text, setText] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const [problems, setProblems] = useState<readonly FileProblem[]>([]);
  const { run, pending, error } = useCommand(importFile, {
    onDone: (came) => {
      setProblems(came.problems);
      if (came.id !== null) router.push(requestPath(entityId, came.id));
    },
  });
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    setProblems([]);
    const chosen = await event.target.files?.[0]?.text();
    const no = chosen === undefined ? null : notCsv(chosen);
    setRefused(no);
    setText(no === null ? (chosen ?? "") : "");
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setProblems([]);
    run({ entityId, table, text, reason: String(new FormData(event.currentTarget).get("reason") ?? "") });
  };
  return (
    <form onSubmit={submit} aria-label="Import a file" className="flex flex-col gap-3">
      <label className="flex flex-col gap-1 text-sm">
        <span className="font-medium">CSV file with the columns {columns.join(", ")}</span>
        <input type="file" accept=".csv,text/csv" onChange={choose} className="text-sm" />
      </label>
      <TextField label="Why, for whoever approves it" name="reason" maxLength={1000} className="max-w-xl" />
      <p className="max-w-prose text-soft text-xs">
        Rows that the file leaves out stay as they are; rows that say what holds already are passed over. One
        bad row stops the whole file. Previewing goes through every order and may take a while.
      </p>
      {refused && (
        <Message tone="broken" live>
          {refused}
        </Message>
      )}
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      {problems.length > 0 && <Problems problems={problems} />}
      <div>
        <Button type="submit" pending={pending} disabled={text === ""}>
          {pending ? "Previewing…" : "Preview and ask for approval"}
        </Button>
      </div>
    </form>
  );
}

function Problems({ problems }: Readonly<{ problems: readonly FileProblem[] }>) {
  return (
    <div className="flex flex-col gap-2">
      <Message
        tone="broken"
        live
        title={`Nothing was taken: ${problems.length === 1 ? "one thing is" : `${problems.length.toLocaleString("en")} things are`} wrong with the file.`}
      />
      <div className="rounded-md border border-line">
        <Table caption="What is wrong with the file">
          <thead>
            <tr>
              <Th align="end">Line</Th>
              <Th>Column</Th>
              <Th>What is wrong</Th>
              <Th>What to do</Th>
            </tr>
          </thead>
          <tbody>
            {problems.map((one) => (
              <tr key={`${one.line} ${one.column} ${one.what}`}>
                <Td align="end">{one.line}</Td>
                <Td>{one.column}</Td>
                <Td>{one.what}</Td>
                <Td>{one.advice}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}
