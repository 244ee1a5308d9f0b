/** The fields that requests and answers of several rooms are made of. */
import { z } from 'zod';

export const decimalText = z.string().meta({ pattern: '^-?\\d+(\\.\\d+)?$', example: '150.25' });
export const instantText = z.iso.datetime();
/** Ids of what is numbered. */
export const numberText = z.string().meta({ pattern: '^\\d{1,19}$', example: '1042' });
export const empty = z.strictObject({});

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const INSTANT_ERROR = 'must be an RFC 3339 date and time with a zone, such as "2026-03-02T14:30:00Z"';

/** Control characters, unpaired surrogates, and marks that reverse the reading direction and so can show another text than is stored. */
const UNSAFE_TEXT = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** More marks on one letter than any language uses would cover the lines around it. */
const STACKED_MARKS = /\p{M}{5}/u;

export function safeText(maximumLength: number) {
  return z
    .string()
    .min(1)
    .max(maximumLength)
    .refine(
      (text) => !UNSAFE_TEXT.test(text),
      'must not contain control characters, text direction marks or unpaired surrogates',
    )
    .refine((text) => !STACKED_MARKS.test(text), 'must not have five or more combining marks in a row');
}

/** RFC 3339 with a zone and an existing date; parsed to epoch milliseconds. */
export const instant = z
  .string()
  .regex(RFC_3339, { error: INSTANT_ERROR, abort: true })
  .refine(isOnCalendar, INSTANT_ERROR)
  .transform((text) => Date.parse(text))
  .meta({ format: 'date-time' });

/** JavaScript reads the 30th of February as the 2nd of March. */
function isOnCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && midnight.toISOString().startsWith(day);
}
