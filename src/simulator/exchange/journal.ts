/**
 * The file with everything the simulator knows: one line of JSON per step, appended and never changed. A line holds all
 * records of its step, so that a step is there wholly or not at all, and reading the lines again gives the same state.
 */
import { closeSync, existsSync, fdatasync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const flushToDisk = promisify(fdatasync);

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export class Journal<Entry> {
  private readonly descriptor: number;
  private written = 0;
  private durable = 0;
  private flushing: Promise<void> | undefined;

  private constructor(path: string) {
    this.descriptor = openSync(path, 'a', 0o600);
  }

  /** Opens or creates the file and passes every step in it to `replay`. */
  static open<Entry>(path: string, replay: (step: readonly Entry[]) => void): Journal<Entry> {
    if (existsSync(path)) dropTornLine(path);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n')) if (line !== '') replay(JSON.parse(line) as readonly Entry[]);
    return new Journal<Entry>(path);
  }

  /** Writes a step; it survives the process at once and the machine after {@link flushed}. */
  append(step: readonly Entry[]): void {
    if (step.length === 0) return;
    writeSync(this.descriptor, `${JSON.stringify(step)}\n`);
    this.written++;
  }

  /** Resolves when all that was appended before is on the disk. Callers who wait together share one flush. */
  async flushed(): Promise<void> {
    const wanted = this.written;
    while (this.durable < wanted) {
      this.flushing ??= this.flush();
      await this.flushing;
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private async flush(): Promise<void> {
    const written = this.written;
    try {
      await flushToDisk(this.descriptor);
    } finally {
      this.flushing = undefined;
    }
    this.durable = written;
  }
}

/** Removes an incomplete last line. The process that wrote it ended before it answered the call. */
function dropTornLine(path: string): void {
  const content = readFileSync(path);
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) truncateSync(path, end);
}
