/** SIGINT and SIGTERM: the first asks a run to end, the second ends it now, the third ends this process. */
import type { Stops } from './local-session.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** @returns the stops, and a way to stop listening */
export function listenForSignals(): { readonly stops: Stops; readonly forget: () => void } {
  const cancel = new AbortController();
  const now = new AbortController();
  const forget = () => signals.forEach((name) => process.off(name, onSignal));
  const onSignal = () => {
    if (!cancel.signal.aborted) return cancel.abort();
    now.abort();
    // From here on a signal does what it does to any process.
    return forget();
  };
  signals.forEach((name) => process.on(name, onSignal));
  return { stops: { cancel: cancel.signal, now: now.signal }, forget };
}
