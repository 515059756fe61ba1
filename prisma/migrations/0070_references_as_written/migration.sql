-- What a reference is known by has no capitals (`text`); this is how it was typed, to be shown. Null: not known any more.
ALTER TABLE "reference_rule" ADD COLUMN "written" TEXT;

-- Rows that were asked for still stand in their requests as they were typed; of several the newest.
UPDATE "reference_rule" r SET "written" = typed.text
  FROM (SELECT DISTINCT ON (q.entity_id, c ->> 'connectionId', c ->> 'part', lower(btrim(c ->> 'text')))
               q.entity_id, c ->> 'connectionId' AS connection_id, c ->> 'part' AS part, lower(btrim(c ->> 'text')) AS known_by,
               btrim(c ->> 'text') AS text
          FROM "mapping_request" q, jsonb_array_elements(q.changes) AS c
         WHERE q.state = 'made' AND c ->> 'kind' = 'reference'
         ORDER BY 1, 2, 3, 4, q.decided_at DESC, q.id) typed
 WHERE r.entity_id = typed.entity_id AND r.connection_id::text = typed.connection_id AND r.part = typed.part AND r.text = typed.known_by;
