import sorted from 'sorted-btree';

/**
 * A sorted tree of keys and values with ranges, whose clone costs nothing until it is changed. The package is CommonJS with a
 * default export, which Node imports as a property and the test runner as the module itself.
 */
export const SortedTree = sorted.default ?? (sorted as unknown as typeof sorted.default);
