/** Watches how many pods Deployments ask for. */
import { setTimeout as sleep } from "node:timers/promises";
import { type KubeConfig, type V1Deployment, Watch } from "@kubernetes/client-node";
import type { ScalingStep } from "../../../components/capacity/autoscaler.ts";
import { expect } from "./deployment.ts";

/** Limit of waiting without any change: whatever waits longer waits for ever. */
const stillMs = 300_000;

/** The counts of the Deployments of some namespaces. */
export class ReplicaWatch {
  readonly #replicas = new Map<string, number>();
  readonly #steps = new Map<string, ScalingStep[]>();
  readonly #watches = new Map<string, AbortController>();
  #started = Date.now();
  #changed = Date.now();
  #isStopped = false;
  #lost: string | undefined;

  /** Begins to watch. */
  async start(config: KubeConfig, namespaces: Iterable<string>): Promise<void> {
    for (const namespace of namespaces) await this.#open(new Watch(config), namespace);
  }

  /** Forgets the steps so far; those that follow are counted from now on. */
  restart(): void {
    this.#steps.clear();
    this.#started = Date.now();
    this.#changed = Date.now();
  }

  /** The steps of a Deployment since the last restart. */
  steps(namespace: string, name: string): readonly ScalingStep[] {
    return this.#steps.get(`${namespace}/${name}`) ?? [];
  }

  /** Pods that a Deployment asks for now; 0 before it was seen. */
  replicas(namespace: string, name: string): number {
    return this.#replicas.get(`${namespace}/${name}`) ?? 0;
  }

  /** Waits until each Deployment has its count. */
  async until(wanted: readonly { namespace: string; name: string; replicas: number }[], signal: AbortSignal) {
    const now = ({ namespace, name }: { namespace: string; name: string }) =>
      this.#replicas.get(`${namespace}/${name}`);
    await this.untilTrue(
      () => wanted.every((one) => now(one) === one.replicas),
      () => {
        const waiting = wanted.filter((one) => now(one) !== one.replicas);
        return waiting.map((one) => `${one.name} ${now(one)}, wanted ${one.replicas}`).join("; ");
      },
      signal,
    );
  }

  /** Waits for something; how long that takes is not limited as long as counts change. */
  async untilTrue(isTrue: () => boolean, problem: () => string, signal: AbortSignal): Promise<void> {
    while (!isTrue()) {
      if (this.#lost !== undefined) throw new Error(this.#lost);
      expect(Date.now() - this.#changed < stillMs, () => `nothing has changed for ${stillMs / 1000} s: ${problem()}`);
      await sleep(100, undefined, { signal });
    }
  }

  /** Ends the watches. */
  stop(): void {
    this.#isStopped = true;
    for (const watch of this.#watches.values()) watch.abort();
  }

  // The client ends a watch in which nothing happens for 30 s; one that goes on from the last version misses nothing.
  async #open(watch: Watch, namespace: string, resourceVersion?: string): Promise<void> {
    let version = resourceVersion;
    const see = (type: string, one: V1Deployment) => {
      if (type === "ERROR") this.#lost = `the watch of ${namespace} cannot go on from version ${version}`;
      version = one.metadata?.resourceVersion ?? version;
      if (type === "ADDED" || type === "MODIFIED") this.#see(one);
    };
    const lose = (error: unknown) => {
      if (!this.#isStopped) this.#lost ??= `the watch of ${namespace} ended: ${String(error)}`;
    };
    const ended = (error: unknown) => {
      const isIdle = error === null || (error instanceof Error && error.name === "TimeoutError");
      if (this.#isStopped || this.#lost !== undefined) return;
      if (isIdle) this.#open(watch, namespace, version).catch(lose);
      else lose(error);
    };
    const query = { allowWatchBookmarks: true, resourceVersion: version };
    const controller = await watch.watch(`/apis/apps/v1/namespaces/${namespace}/deployments`, query, see, ended);
    this.#watches.set(namespace, controller);
    if (this.#isStopped) controller.abort();
  }

  #see({ metadata, spec }: V1Deployment): void {
    const key = `${metadata?.namespace}/${metadata?.name}`;
    const replicas = spec?.replicas ?? 1;
    const before = this.#replicas.get(key);
    if (before === replicas) return;
    this.#replicas.set(key, replicas);
    this.#changed = Date.now();
    const steps = this.#steps.get(key) ?? [];
    if (before !== undefined) steps.push({ seconds: (Date.now() - this.#started) / 1000, replicas });
    this.#steps.set(key, steps);
  }
}
