import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/** Numbers that an ERP's series of documents skips, between two that are there. */
export type NumberGap = Readonly<{
  connection: string;
  kind: string;
  series: string;
  /** the neighbours that are there, with their posting days */
  before: string;
  beforeDay: string;
  after: string;
  afterDay: string;
  missing: number;
  /** the first and last number that is not there */
  first: string;
  last: string;
  /** what is known of them: a draft, a record that could not be read, a document that is gone */
  known: readonly string[];
}>;

const GAPS_SHOWN = 200;

/**
 * Gaps in the number series of an entity's posted ERP documents that touch a month: per connection, kind and series (what
 * stands before the number's last digits). A gap is no proof of a loss, since other business may use the same series; it
 * is what an auditor asks about first. Documents without a number at the end of their name have no series.
 */
export async function findGaps(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  period: Month,
): Promise<readonly NumberGap[]> {
  const { rows } = await client.query<NumberGap>(
    `WITH numbered AS (
       SELECT d.connection_id, d.kind, d.posting_day, d.number, substring(d.number FROM '^(.*?)[0-9]{1,18}$') AS series,
              substring(d.number FROM '([0-9]{1,18})$') AS tail
         FROM document d
        WHERE d.entity_id = $1 AND d.side = 'erp' AND d.posted AND d.number ~ '[0-9]$'),
     sequence AS (
       SELECT *, tail::bigint AS place, lag(tail::bigint) OVER series_order AS place_before, lag(number) OVER series_order AS number_before,
              -- A series is padded where its shorter neighbour is as long as the longer one, or begins with a zero.
              least(length(tail), length(lag(tail) OVER series_order)) AS width,
              lag(posting_day) OVER series_order AS day_before
         FROM numbered WINDOW series_order AS (PARTITION BY connection_id, kind, series ORDER BY tail::bigint, number)),
     gap AS (
       SELECT *, place - place_before - 1 AS missing,
              series || lpad((place_before + 1)::text, greatest(width, length((place_before + 1)::text)), '0') AS first,
              series || lpad((place - 1)::text, greatest(width, length((place - 1)::text)), '0') AS last
         FROM sequence
        WHERE place - place_before > 1
          AND posting_day >= $2::date AND day_before < $2::date + interval '1 month'
          AND (posting_day < $2::date + interval '1 month' OR day_before >= $2::date)
        ORDER BY posting_day, number LIMIT ${GAPS_SHOWN})
     SELECT c.name AS connection, g.kind, g.series, g.number_before AS before, to_char(g.day_before, 'YYYY-MM-DD') AS "beforeDay",
            g.number AS after, to_char(g.posting_day, 'YYYY-MM-DD') AS "afterDay", g.missing::int AS missing, g.first, g.last,
            coalesce((SELECT array_agg(words ORDER BY words) FROM (
              SELECT 'draft ' || d.number AS words FROM document d
               WHERE d.entity_id = $1 AND d.side = 'erp' AND d.connection_id = g.connection_id AND NOT d.posted
                 AND d.number BETWEEN g.first AND g.last AND length(d.number) BETWEEN length(g.first) AND length(g.last)
              UNION ALL
              SELECT 'could not be read: ' || f.reference FROM failed_record f
               WHERE f.entity_id = $1 AND f.connection_id = g.connection_id AND f.resource <> 'stock' AND f.resolved_at IS NULL
                 AND f.reference BETWEEN g.first AND g.last
              UNION ALL
              SELECT 'no longer at the source: ' || (v.content->>'number') FROM document_version v
               WHERE v.entity_id = $1 AND v.reason = 'gone' AND v.content->>'side' = 'erp'
                 AND v.content->>'number' BETWEEN g.first AND g.last
              UNION ALL
              SELECT 'credited by ' || d.number || ': ' || d.original_number FROM document d
               WHERE d.entity_id = $1 AND d.side = 'erp' AND d.connection_id = g.connection_id
                 AND d.original_number BETWEEN g.first AND g.last
                 AND length(d.original_number) BETWEEN length(g.first) AND length(g.last) LIMIT 20) k), '{}') AS known
       FROM gap g JOIN connection c ON c.id = g.connection_id ORDER BY g.posting_day, g.number`,
    [entityId, `${period}-01`],
  );
  return rows;
}
