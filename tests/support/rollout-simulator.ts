/**
 * A Deployment while it rolls, event by event: what the controllers of Kubernetes do with `maxUnavailable: 0`, written
 * without looking at the arithmetic that it judges.
 */

/** One rolling update of a Deployment whose pods are all available when it begins. */
export interface RollingUpdate {
  replicas: number;
  /** Pods that may exist beyond `replicas`; terminating ones do not count. */
  surge: number;
  /** Seconds that a terminating pod takes to go: the whole grace period, since players drain. */
  graceSeconds: number;
  minReadySeconds: number;
  /** Seconds from the start of the n-th new pod to ready. */
  bootSeconds(index: number): number;
}

/** What a simulated update came to. */
export interface RollingUpdateResult {
  /** The most pods that existed at one time. */
  mostPods: number;
  /** The fewest pods that could serve at one time. */
  fewestAvailable: number;
  /** Seconds until the last new pod was available, and until the last old pod was gone. */
  availableAfter: number;
  goneAfter: number;
}

interface Event {
  time: number;
  kind: "available" | "gone";
}

/** Runs one update to its end. */
export function simulateRollingUpdate(update: RollingUpdate): RollingUpdateResult {
  const { replicas, surge, graceSeconds, minReadySeconds } = update;
  let [old, fresh, available, terminating, started] = [replicas, 0, 0, 0, 0];
  const events: Event[] = [];
  const result: RollingUpdateResult = {
    mostPods: replicas,
    fewestAvailable: replicas,
    availableAfter: 0,
    goneAfter: 0,
  };
  const reconcile = (now: number) => {
    for (let moved = true; moved; ) {
      moved = false;
      while (fresh < replicas && old + fresh < replicas + surge) {
        const ready = now + update.bootSeconds(started);
        events.push({ time: ready + minReadySeconds, kind: "available" });
        started += 1;
        fresh += 1;
        moved = true;
      }
      while (old > 0 && old + available > replicas) {
        events.push({ time: now + graceSeconds, kind: "gone" });
        old -= 1;
        terminating += 1;
        moved = true;
      }
    }
    result.mostPods = Math.max(result.mostPods, old + fresh + terminating);
    result.fewestAvailable = Math.min(result.fewestAvailable, old + available);
  };
  reconcile(0);
  while (events.length > 0) {
    // At the same moment a pod becomes available before another is gone: the worse of both orders.
    events.sort((one, other) => one.time - other.time || (one.kind < other.kind ? -1 : 1));
    const event = events.shift();
    if (event === undefined) break;
    if (event.kind === "available") {
      available += 1;
      result.availableAfter = event.time;
    } else {
      terminating -= 1;
      result.goneAfter = event.time;
    }
    reconcile(event.time);
  }
  return result;
}
