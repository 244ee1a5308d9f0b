import type { Socket } from 'node:net';

const TYPE_BYTES = 1;
const READY_FOR_QUERY = 'Z';
const IDLE = 'I';

/**
 * Counts the transactions that Postgres finishes, in what it sends. Its own statistics are no help: an idle server process
 * reports them up to ten seconds late, together with those of a different time.
 */
export class TransactionCounter {
  count = 0;

  /** Follows one connection, from its beginning. */
  watch(fromPostgres: Socket): void {
    let received = Buffer.alloc(0);
    fromPostgres.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let length = messageLength(received); length <= received.length; length = messageLength(received)) {
        if (endsTransaction(received.subarray(0, length))) this.count += 1;
        received = received.subarray(length);
      }
    });
  }
}

/** A message is a type, its length without the type, and its contents; infinite while the length has not arrived. */
function messageLength(received: Buffer): number {
  return received.length < TYPE_BYTES + 4 ? Number.POSITIVE_INFINITY : TYPE_BYTES + received.readInt32BE(TYPE_BYTES);
}

function endsTransaction(message: Buffer): boolean {
  return message.toString('latin1', 0, 1) === READY_FOR_QUERY && message.toString('latin1', 5, 6) === IDLE;
}
