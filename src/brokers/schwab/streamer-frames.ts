/** The frames of Schwab's streamer. Source: Trader API, "Streamer API"; numbers are read as text. */
import { z } from 'zod';
import { parseLosslessly } from '../../wire/json.js';
import { epochMs } from './schemas.js';

const content = z.object({ code: z.string(), msg: z.string().optional() });
export type Content = z.infer<typeof content>;

const response = z.object({ service: z.string(), command: z.string(), content });
export type Response = z.infer<typeof response>;

const frame = z
  .object({
    response: z.array(response),
    /** heartbeats have no content */
    notify: z.array(z.object({ content: content.optional() })),
    data: z.array(z.object({ service: z.string(), timestamp: epochMs, content: z.array(z.unknown()) })),
  })
  .partial()
  .refine((told) => Object.keys(told).length > 0);

export interface Frame {
  response: Response[];
  notify: { content?: Content | undefined }[];
  data: { service: string; timestamp: number; content: unknown[] }[];
}

/** Undefined when it is not of the form that the contract says. */
export function readFrame(json: unknown): Frame | undefined {
  const told = frame.safeParse(json).data;
  if (!told) return undefined;
  const { response = [], notify = [], data = [] } = told;
  return { response, notify, data };
}

/** `2` is the message's type and `3` its data, as the text of another JSON. */
const activity = z.object({ '2': z.string().optional(), '3': z.unknown().optional() });
const activityData = z.object({ SchwabOrderID: z.string().min(1) });

/** What happened in an account; without an order for a sign of life. */
export interface Activity {
  orderId?: string;
}

/** Undefined when it is not understood: it may be of any order. */
export function readActivity(json: unknown): Activity | undefined {
  const { '2': type = '', '3': data } = activity.safeParse(json).data ?? { '2': 'unknown' };
  if (type === '' || type === 'SUBSCRIBED') return {};
  const told = activityData.safeParse(typeof data === 'string' ? parsed(data) : data).data;
  return told && { orderId: told.SchwabOrderID };
}

function parsed(text: string): unknown {
  try {
    return parseLosslessly(text);
  } catch {
    return undefined;
  }
}
