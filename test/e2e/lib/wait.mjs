// Waiting for what another process does: poll with a deadline, and say what was missing.
import { setTimeout as pause } from 'node:timers/promises';

/** The deadline of a wait that should end in milliseconds; generous, for a loaded machine. */
export const PATIENCE_MS = 20_000;

/**
 * Calls probe() until it returns something truthy, and returns that.
 * what: words for the error, a string or a function called at the deadline. A probe that throws is asked again,
 * unless its error is marked `fatal`.
 */
export async function until(what, probe, { ms = PATIENCE_MS, every = 20 } = {}) {
  const deadline = performance.now() + ms;
  let failure;
  for (;;) {
    try {
      failure = undefined;
      const value = await probe();
      if (value) return value;
    } catch (error) {
      if (error.fatal) throw error;
      failure = error;
    }
    if (performance.now() > deadline) {
      const said = typeof what === 'function' ? what() : what;
      throw new Error(`waited ${ms} ms for ${said}${failure ? `; last: ${failure.message}` : ''}`, {
        cause: failure,
      });
    }
    await pause(every);
  }
}

/** A promise with its resolve and reject outside. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ((resolve = yes), (reject = no)));
  return { promise, resolve, reject };
}
