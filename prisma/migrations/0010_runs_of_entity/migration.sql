-- A run of one order asks for the entity's last run and for one that died: not among all runs there ever were.
CREATE INDEX run_reconciled ON "run" (entity_id, finished_at DESC) WHERE kind = 'reconcile' AND state = 'done';
CREATE INDEX run_reconciling ON "run" (entity_id) WHERE kind = 'reconcile' AND state = 'running';
