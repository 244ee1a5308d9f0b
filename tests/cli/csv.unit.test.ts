import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvRow } from '../../src/cli/csv.js';

it('quotes what needs it, and ends lines as RFC 4180 asks', () => {
  expect(csvRow(['AAPL', 'a "good" one', 'in, out', 'two\nlines', ''])).toBe(
    'AAPL,"a ""good"" one","in, out","two\nlines",\r\n',
  );
});

it.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x")', '-'])(
  'keeps a spreadsheet from running %j',
  (text) => {
    expect(parse(csvRow([text]))).toEqual([[`'${text}`]]);
  },
);

it.each(['-0.04', '12', '0.000001'])('leaves the number %s a number', (text) => {
  expect(csvRow([text])).toBe(`${text}\r\n`);
});

it('is read back by others as it was', () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      expect(parse(rows.map(csvRow).join(''), { record_delimiter: '\r\n' })).toEqual(rows);
    }),
  );
});
