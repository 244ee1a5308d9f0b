/** Durable maps for what is neither an order nor a holding: accounts, tokens, previews, prices, faults. */
import type { Json } from './journal.js';

/** A value put into a collection, or taken out of it. */
export interface DocumentRecord {
  readonly type: 'document';
  readonly collection: string;
  readonly key: string;
  readonly value?: Json;
}

/** One collection, by key in the order of first arrival. Values are plain JSON and are replaced, never changed. */
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

  /** The caller names the type: a collection is read by the code that wrote it. */
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
