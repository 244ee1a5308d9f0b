/**
 * Carries the mark of a payload that was encrypted with a key of ours over to the value, where `isSealed` finds it
 * (src/domain/sealed.ts). Workers load it by its path, and so does the sandbox of the workflows, hence CommonJS.
 */
const { DefaultPayloadConverter } = require('@temporalio/common');

const SEALED = Symbol.for('arbion.sealed');

class MarkingPayloadConverter extends DefaultPayloadConverter {
  fromPayload(payload) {
    const value = super.fromPayload(payload);
    const isMarked = payload.metadata?.['arbion-sealed'] !== undefined;
    if (isMarked && typeof value === 'object' && value !== null) Object.defineProperty(value, SEALED, { value: true });
    return value;
  }
}

exports.payloadConverter = new MarkingPayloadConverter();
