/**
 * How errors become failures in histories: message and stack trace go into a payload, which the codec encrypts. Workers
 * load it by its path, and so does the sandbox of the workflows, hence CommonJS and this place.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
