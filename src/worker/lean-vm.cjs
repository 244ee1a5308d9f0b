/**
 * Takes two things out of the SDK's workflow sandbox, in the thread that loads this, which cost more than the workflows:
 *
 * - a stack trace for every promise, which only the tab "Call Stack" of Temporal's console shows;
 * - a watchdog thread that Node starts anew for each call with a timeout (nodejs/node#10453, nodejs/node#47739). In its
 *   place lean-sandbox.ts watches from outside.
 */
const vm = require('node:vm');
const { GlobalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared');

GlobalHandlers.prototype.setPromiseHook = () => {};

const { runInContext } = vm.Script.prototype;
vm.Script.prototype.runInContext = function withoutTimeout(context, { timeout: _, ...options } = {}) {
  return runInContext.call(this, context, options);
};
