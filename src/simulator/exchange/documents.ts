/** Durable maps for everything but orders and holdings: accounts, tokens, previews, prices, faults. */
import type { Json } from './journal.js';

/** A value set in a collection or deleted from it. */
export interface DocumentRecord {
  readonly type: 'document';
  readonly collection: string;
  readonly key: string;
  readonly value?: Json;
}

/** One collection by key, in order of insertion. Values are plain JSON and are replaced, never modified. */
export interface Documents<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  values(): Value[];
  entries(): [string, Value][];
}

export class DocumentStore {
  private readonly collections = new Map<string, Map<string, Json>>();

  constructor(private readonly write: (record: DocumentRecord) => void) {}

  /** The caller states the type: the code that reads a collection is the code that wrote it. */
  collection<Value>(collection: string): Documents<Value> {
    const contents = () => this.contentsOf(collection) as unknown as ReadonlyMap<string, Value>;
    const put = (key: string, change: { value?: Json }) => {
      const record: DocumentRecord = { type: 'document', collection, key, ...change };
      this.apply(record);
      this.write(record);
    };
    return {
      get: (key) => contents().get(key),
      set: (key, value) => put(key, { value: value as Json }),
      delete: (key) => put(key, {}),
      values: () => [...contents().values()],
      entries: () => [...contents()],
    };
  }

  apply({ collection, key, value }: DocumentRecord): void {
    const contents = this.contentsOf(collection);
    if (value === undefined) contents.delete(key);
    else contents.set(key, value);
  }

  clear(): void {
    this.collections.clear();
  }

  private contentsOf(collection: string): Map<string, Json> {
    const known = this.collections.get(collection) ?? new Map<string, Json>();
    this.collections.set(collection, known);
    return known;
  }
}
