/** A trade of which no task comes right, as after a release that its history does not fit. */
export async function trade(): Promise<void> {
  throw new Error('by plan');
}
