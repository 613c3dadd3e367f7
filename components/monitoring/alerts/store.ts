/** What the alerts of all kinds of stores have in common. */
import type { WatchedStore } from "../watched.ts";
import type { Alert } from "./alert.ts";

/** Matchers of the series of a store's servers. */
export function ofStore({ namespace, service }: WatchedStore): string {
  return `namespace="${namespace}",service="${service}"`;
}

/** Whole seconds until the store should serve again after the loss of one server. */
export function backSeconds(store: WatchedStore): number {
  return Math.ceil(store.backSeconds);
}

/**
 * Seconds that a follower may lag. Where changes are copied after they are confirmed, what may be lost; where they are
 * not, nothing is lost, and a follower that takes over first works off its lag, in the time that it has to be back.
 */
export function mostLagSeconds(store: WatchedStore): number {
  return store.lostSeconds > 0 ? store.lostSeconds : backSeconds(store);
}

/** The alert with the labels of its store: a series may lack one, and two stores of a kind are two alerts. */
export function alertOf({ namespace, service }: WatchedStore, alert: Omit<Alert, "labels">): Alert {
  return { ...alert, labels: { namespace, service } };
}

/**
 * Seconds in which a server is there again that was restarted, or moved to another node: stop, placing, volume and boot are
 * four minutes at most for every store (capacity/recovery.ts), and half of them are not seen before. What does not serve
 * for longer than promised has alerts of its own.
 */
export const replacedSeconds = 600;

/**
 * Fewer servers are up than there should be, for longer than a restart or a drained node takes. `up` is the metric that
 * is 1 while a server is well. It counts 0 where no server exports it any more. `meaning` is for stores of several.
 */
export function serversDown(
  store: WatchedStore,
  { alert, title, up, meaning }: { alert: string; title: string; up: string; meaning: string },
): Alert {
  const servers = `${up}{${ofStore(store)}}`;
  const left = store.servers === 1 ? "Nothing stands in for it." : meaning;
  return alertOf(store, {
    alert,
    expression: `(sum by (namespace, service) (${servers}) or absent(${servers}) - 1) < ${store.servers}`,
    forSeconds: store.servers === 1 ? 2 * backSeconds(store) : replacedSeconds,
    severity: "critical",
    summary: `{{ $value }} of ${store.servers} servers of ${title} in {{ $labels.namespace }} are up`,
    description: `A restart or a drained node takes less. ${left}`,
    runbook: "store-down",
  });
}
