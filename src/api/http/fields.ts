/** The fields that requests and answers of several rooms are made of. */
import { z } from 'zod';

export const decimalText = z.string().meta({ pattern: '^-?\\d+(\\.\\d+)?$', example: '150.25' });
export const instantText = z.iso.datetime();
/** Ids of what is numbered. */
export const numberText = z.string().meta({ pattern: '^\\d{1,19}$', example: '1042' });
export const empty = z.strictObject({});

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const INSTANT_ERROR = 'must be an RFC 3339 date and time with its zone, like "2026-03-02T14:30:00Z"';

/** Control characters, halves of surrogate pairs, and what reverses the reading direction and so can show another text than is stored. */
const UNSAFE_TEXT = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** More marks on one letter than any language writes cover the lines around it. */
const STACKED_MARKS = /\p{M}{5}/u;

export function safeText(maximumLength: number) {
  return z
    .string()
    .min(1)
    .max(maximumLength)
    .refine((text) => !UNSAFE_TEXT.test(text), 'must not contain control or direction characters or broken pairs')
    .refine((text) => !STACKED_MARKS.test(text), 'must not stack combining marks');
}

/** RFC 3339 with a zone, and a day that the calendar has; becomes epoch milliseconds. */
export const instant = z
  .string()
  .regex(RFC_3339, { error: INSTANT_ERROR, abort: true })
  .refine(isOnCalendar, INSTANT_ERROR)
  .transform((text) => Date.parse(text))
  .meta({ format: 'date-time' });

/** JavaScript takes the 30th of February for the 2nd of March. */
function isOnCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && midnight.toISOString().startsWith(day);
}
