import { createHash } from 'node:crypto';
import { createDataConverter } from '../../src/temporal/data-converter.js';

/** The same in every process of a test. */
export const TEST_RING = [{ id: 'test', key: createHash('sha256').update('the ring of the tests').digest() }];

export const dataConverter = createDataConverter(TEST_RING);
