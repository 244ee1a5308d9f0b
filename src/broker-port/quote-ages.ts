/** How old a quote may be for those who need not ask the broker themselves. Admissions and confirmations ask. */

/**
 * For a look. The beat of the live events brings a new one every 2 s, so that looks ask only where it does not reach; a
 * price that wakes a trade is in the book before.
 */
export const LOOK_QUOTE_AGE_MS = 6_000;

/** For a person who reads. */
export const PERSON_QUOTE_AGE_MS = 10_000;
