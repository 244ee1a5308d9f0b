/** The frames of Schwab's streamer. Source: Trader API, "Streamer API"; numbers are read as text. */
import { z } from 'zod';
import { withoutNulls } from './answers.js';
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
  .refine((sections) => Object.keys(sections).length > 0);

export interface Frame {
  response: Response[];
  notify: { content?: Content | undefined }[];
  data: { service: string; timestamp: number; content: unknown[] }[];
}

/** Undefined when it is not of the form that the contract says. */
export function readFrame(json: unknown): Frame | undefined {
  const sections = frame.safeParse(withoutNulls(json)).data;
  if (!sections) return undefined;
  const { response = [], notify = [], data = [] } = sections;
  return { response, notify, data };
}
