/** A client of an event stream, which notes what came and when. */
import { once } from 'node:events';
import { type Agent, type IncomingMessage, request } from 'node:http';

export interface StreamClient {
  /** the ids that came, in order */
  ids: string[];
  /** by id, when it came, in milliseconds of `performance.now` */
  cameAt: Map<string, number>;
}

export async function followStream(url: string, agent: Agent, headers: Record<string, string>): Promise<StreamClient> {
  const sent = request(url, { agent, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the stream was answered with ${response.statusCode}`);
  const client: StreamClient = { ids: [], cameAt: new Map() };
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    const events = (text + part).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const id = /^id: (\d+)$/m.exec(event)?.[1];
      if (id === undefined) continue;
      client.ids.push(id);
      client.cameAt.set(id, performance.now());
    }
  });
  // The server's end cuts it.
  response.on('error', () => {});
  return client;
}
