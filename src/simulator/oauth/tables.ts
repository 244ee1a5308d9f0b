/** The part of a durable map that the authorization servers need. */
export interface Table<Row> {
  get(key: string): Row | undefined;
  set(key: string, row: Row): unknown;
  delete(key: string): unknown;
}
