/** The recorded histories: files of JSON, one for each run of a trade. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { History, Run } from '../support/runs.js';

const folder = fileURLToPath(new URL('histories', import.meta.url));

export interface RecordedHistory {
  name: string;
  /** of the trade that was recorded; its runs share it */
  workflowId: string;
  history: History;
  bytes: number;
}

/** They are recorded in plain text, so that people can read them. */
export const asIfSealed: DataConverter = {
  payloadCodecs: [
    {
      encode: async (payloads) => payloads,
      decode: async (payloads) =>
        payloads.map((payload) => ({
          ...payload,
          metadata: { ...payload.metadata, 'arbion-sealed': Buffer.from('yes') },
        })),
    },
  ],
};

/** In the order of their names. */
export async function recordedHistories(): Promise<RecordedHistory[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.json')).map((file) => parse(file).name);
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(`${folder}/${name}.json`, 'utf8');
      const history = wireForm.fromObject(JSON.parse(text));
      const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
      return { name, workflowId, history, bytes: text.length };
    }),
  );
}

/** Writes the runs of a life: `closed-by-stop.json`, and `continued-as-new-2.json` for a second run. */
export async function writeHistories(life: string, runs: readonly Run[]): Promise<void> {
  for (const [index, { events }] of runs.entries()) {
    const name = index === 0 ? life : `${life}-${index + 1}`;
    const plain = wireForm.toObject(wireForm.fromObject({ events }), { longs: String, enums: String, bytes: String });
    await writeFile(`${folder}/${name}.json`, `${scrubbed(plain)}\n`);
  }
}

/** The SDK's own `historyToJSON` fails where npm installs its protobuf library more than once. */
interface WireForm {
  fromObject(plain: object): History;
  toObject(history: History, forms: object): object;
}

const wireForm = temporalsHistory();

/** Of the wire's library, which the client brings along. */
function temporalsHistory(): WireForm {
  const ofClient = createRequire(createRequire(import.meta.url).resolve('@temporalio/client'));
  const { temporal } = ofClient('@temporalio/proto') as {
    temporal: { api: { history: { v1: { History: WireForm } } } };
  };
  return temporal.api.history.v1.History;
}

/** As in a worker's identity, and in the name of its sticky queue. */
const PROCESS_AND_MACHINE = /^\d+@/;
const OF_THE_RECORDER = new Set(['workerVersion', 'meteringMetadata']);

/**
 * Without the names of machines, the worker's build, and the signature of the start ticket. What the SDK notes of itself
 * stays: its flags decide how a history is replayed.
 */
function scrubbed(history: object): string {
  return JSON.stringify(history, (key, value: unknown) => {
    if (typeof value === 'string' && PROCESS_AND_MACHINE.test(value)) return 'recorder';
    if (OF_THE_RECORDER.has(key)) return undefined;
    return key === 'data' && typeof value === 'string' ? withoutSignature(value) : value;
  });
}

function withoutSignature(data: string): string {
  const text = Buffer.from(data, 'base64').toString();
  return Buffer.from(text.replaceAll(/"signature":"\w*"/g, '"signature":"scrubbed"')).toString('base64');
}
