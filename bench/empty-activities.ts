export type EmptyActivities = typeof emptyActivities;

export const emptyActivities = {
  async nothing(): Promise<void> {},
};
