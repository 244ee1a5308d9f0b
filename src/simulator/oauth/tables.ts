/** The part of a map that the authorization servers keep their rows in; what is behind it outlives the process. */
export interface Table<Row> {
  get(key: string): Row | undefined;
  set(key: string, row: Row): unknown;
  delete(key: string): unknown;
}
