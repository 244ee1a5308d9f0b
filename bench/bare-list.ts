/** What GET /trades is compared with: Hono, one query, and nothing around it. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';

const { DATABASE_URL: connectionString = '', PORT = '0' } = process.env;
const pool = new pg.Pool({ connectionString, max: 10 });
const query = {
  name: 'list',
  text: 'SELECT view FROM trades WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 51 OFFSET 0',
};

const app = new Hono();
app.get('/trades/:user', async (context) => {
  const { rows } = await pool.query<{ view: object }>({ ...query, values: [context.req.param('user')] });
  return context.json({ items: rows.slice(0, 50).map(({ view }) => view) });
});
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
