-- The nothing-lost proof: what each record said as it came, what its documents hold, and what is in neither.

ALTER TABLE "document"
  ADD COLUMN "line_count" INTEGER,
  ADD COLUMN "unknown" INTEGER,
  ADD COLUMN "net" BIGINT,
  ADD COLUMN "tax" BIGINT,
  ADD COLUMN "gross" BIGINT,
  ADD COLUMN "figures" BIGINT,
  ADD COLUMN "control" BIGINT;
ALTER TABLE "document_version"
  ADD COLUMN "line_count" INTEGER,
  ADD COLUMN "unknown" INTEGER,
  ADD COLUMN "net" BIGINT,
  ADD COLUMN "tax" BIGINT,
  ADD COLUMN "gross" BIGINT,
  ADD COLUMN "figures" BIGINT,
  ADD COLUMN "control" BIGINT;

CREATE INDEX "document_entity_id_posting_day_idx" ON "document"("entity_id", "posting_day");

CREATE TABLE "fetch_control" (
    "connection_id" UUID NOT NULL,
    "resource" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "feed_id" TEXT NOT NULL,
    "number" TEXT,
    "day" DATE,
    "currency" CHAR(3),
    "modified_at" TIMESTAMPTZ(3),
    "kept" BOOLEAN NOT NULL DEFAULT true,
    "line_count" INTEGER NOT NULL,
    "unknown" INTEGER NOT NULL,
    "unreadable" INTEGER NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "figures" BIGINT NOT NULL,
    "run_id" UUID,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "fetch_control_pkey" PRIMARY KEY ("connection_id","kind","source_id","resource")
);
CREATE INDEX "fetch_control_entity_id_day_idx" ON "fetch_control"("entity_id", "day");

CREATE TABLE "control_remainder" (
    "order_key" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "line_count" INTEGER NOT NULL,
    "unknown" INTEGER NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "figures" BIGINT NOT NULL,

    CONSTRAINT "control_remainder_pkey" PRIMARY KEY ("order_key","connection_id","kind","reason")
);
CREATE INDEX "control_remainder_entity_id_idx" ON "control_remainder"("entity_id");

CREATE TABLE "source_count" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "feed_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "state" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "source_time" TIMESTAMPTZ(3),
    "result" JSONB NOT NULL,
    "run_id" UUID,

    CONSTRAINT "source_count_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "source_count_entity_id_period_feed_id_asked_at_idx"
  ON "source_count"("entity_id", "period", "feed_id", "asked_at" DESC);

-- What follows Prisma's schema language cannot say.

-- A sum of 64-bit hashes, back in 64 bits: the same as BigInt.asIntN(64, …) in lib/domain/control.
CREATE FUNCTION tieout_mod64(total numeric) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (mod(mod(total + 9223372036854775808, 18446744073709551616) + 18446744073709551616, 18446744073709551616)
          - 9223372036854775808)::bigint
$$;

-- Documents that are here already get their control from their newest version, as lib/domain/control computes it.
CREATE TEMP TABLE control_now AS
SELECT order_key, document_id, version,
       count(gross) AS line_count,
       count(gross) FILTER (WHERE net IS NULL OR tax IS NULL) AS unknown,
       coalesce(sum(net), 0)::bigint AS net, coalesce(sum(tax), 0)::bigint AS tax, coalesce(sum(gross), 0)::bigint AS gross,
       tieout_mod64(coalesce(sum(hashtextextended(concat_ws(chr(31), source_id, line_id, coalesce(net::text, '?'),
         coalesce(tax::text, '?'), gross::text), 0)), 0)) AS figures,
       tieout_mod64(coalesce(sum(hashtextextended(concat_ws(chr(31), document_id::text, line_id, (day - date '2000-01-01')::text,
         currency, coalesce(net::text, '?'), coalesce(tax::text, '?'), gross::text), 0)), 0)) AS control
  FROM (
    SELECT d.order_key, d.id AS document_id, d.version, d.source_id, d.currency, (l.value->>'day')::date AS day,
           (l.value->>'net')::bigint AS net, (l.value->>'tax')::bigint AS tax, (l.value->>'gross')::bigint AS gross,
           (l.value->>'sourceLineId') || CASE WHEN row_number() OVER turn = 1 THEN '' ELSE ' #' || row_number() OVER turn END
             AS line_id
      FROM document d
      JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      LEFT JOIN LATERAL jsonb_array_elements(v.content->'lines') WITH ORDINALITY AS l(value, place) ON true
    WINDOW turn AS (PARTITION BY d.order_key, d.id, l.value->>'sourceLineId' ORDER BY l.place)) stated
 GROUP BY 1, 2, 3;
UPDATE document_version SET line_count = c.line_count, unknown = c.unknown, net = c.net, tax = c.tax, gross = c.gross,
       figures = c.figures, control = c.control
  FROM control_now c
 WHERE document_version.order_key = c.order_key AND document_version.document_id = c.document_id
   AND document_version.version = c.version;
UPDATE document SET line_count = c.line_count, unknown = c.unknown, net = c.net, tax = c.tax, gross = c.gross,
       figures = c.figures, control = c.control
  FROM control_now c WHERE document.order_key = c.order_key AND document.id = c.document_id;

-- What they said as they came was not kept: they are marked so, and a full sync reads them again.
INSERT INTO fetch_control (connection_id, resource, kind, source_id, entity_id, feed_id, number, day, currency, modified_at,
                           kept, line_count, unknown, unreadable, net, tax, gross, figures, seen_at)
SELECT d.connection_id, CASE WHEN f.resource IS NULL THEN 'orders' ELSE f.resource END, d.kind, d.source_id, d.entity_id,
       coalesce(f.id, ''), d.number, d.posting_day, d.currency, d.modified_at, false, 0, 0, 0, 0, 0, 0, 0, d.seen_at
  FROM document d
  LEFT JOIN LATERAL (
    SELECT id, resource FROM feed WHERE feed.connection_id = d.connection_id AND feed.resource <> 'invoices'
       AND (feed.shop_id IS NULL OR feed.shop_id = d.shop_id)
     ORDER BY feed.shop_id NULLS LAST, id LIMIT 1) f ON true
ON CONFLICT DO NOTHING;
DROP TABLE control_now;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "fetch_control", "control_remainder", "source_count" TO tieout_app;
  END IF;
END
$$;
