// What `npm start` must know of the books before it decides what a first run has to do.

/**
 * @typedef {object} Books
 * @property {number} entities of any kind, retired ones included
 * @property {boolean} sandbox whether the sandbox is connected
 * @property {boolean} reconciled whether a reconciliation has ever finished
 * @property {string[]} demoUsers the addresses of the demo users that can sign in
 */

/**
 * Reads it straight from the database: a whole command costs a second, this a few milliseconds.
 *
 * @returns {Promise<Books>}
 */
export async function readBooks() {
  // Loaded late: at the first start the package is not there before `npm ci`.
  const { default: pg } = await import("pg");
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT
      (SELECT count(*)::int FROM entity) AS entities,
      EXISTS (SELECT FROM entity WHERE sandbox AND retired_at IS NULL) AS sandbox,
      EXISTS (SELECT FROM run WHERE kind = 'reconcile' AND state = 'done') AS reconciled,
      ARRAY(SELECT email FROM "user" WHERE demo AND disabled_at IS NULL ORDER BY email) AS "demoUsers"`);
    return rows[0];
  } finally {
    await client.end();
  }
}
