// Waits until an object is ready, or gone, and says what it saw when that does not happen.
import { setTimeout as sleep } from "node:timers/promises";
import type { Objects } from "./apply.ts";
import { conditionsText, readinessRule, skipsAwait, timeoutSeconds } from "./readiness.ts";
import { isObject, type Json, type JsonObject, textAt } from "./values.ts";

/** The object was written, but did not become ready; `live` is how it was last seen. */
export class NotReadyError extends Error {
  readonly live: JsonObject;
  constructor(message: string, live: JsonObject) {
    super(message);
    this.live = live;
  }
}

const firstPauseMs = 100;
const longestPauseMs = 1000;
// The official provider waits ten seconds for the endpoints of each Service; here it is enough to see that they come.
const endpointsMs = 3000;

/** Waits for objects of one cluster. */
export class Waiter {
  readonly #objects: Objects;
  readonly #cancelled: AbortSignal;

  constructor(objects: Objects, cancelled: AbortSignal) {
    this.#objects = objects;
    this.#cancelled = cancelled;
  }

  /** Returns the ready object as it is then. */
  async untilReady(inputs: JsonObject, written: JsonObject, requestedSeconds: number): Promise<JsonObject> {
    const rule = readinessRule(inputs);
    if (rule === undefined || skipsAwait(inputs)) return written;
    const seconds = timeoutSeconds(requestedSeconds, inputs);
    const deadline = Date.now() + seconds * 1000;
    let live = written;
    let pause = firstPauseMs;
    for (;;) {
      const readiness = rule(live);
      if (readiness.state === "ready") break;
      if (readiness.state === "failed") throw new NotReadyError(await this.#story(live, readiness.because), live);
      if (this.#cancelled.aborted)
        throw new NotReadyError(await this.#story(live, "the operation was cancelled"), live);
      if (Date.now() >= deadline) {
        throw new NotReadyError(await this.#story(live, `not ready after ${seconds} s: ${readiness.because}`), live);
      }
      pause = await this.#pause(pause, deadline);
      const now = await this.#objects.read(inputs);
      if (now === undefined) throw new NotReadyError(`${nameOf(live)} was deleted while waiting for it`, live);
      live = now;
    }
    if (textAt(live, "kind") === "Service")
      await this.#untilEndpoints(live, Math.min(deadline, Date.now() + endpointsMs));
    return live;
  }

  /** Why an object is not ready at this moment, or undefined when it is, or when nothing is awaited of its kind. */
  async notReady(inputs: JsonObject, live: JsonObject): Promise<string | undefined> {
    const readiness = skipsAwait(inputs) ? undefined : readinessRule(inputs)?.(live);
    if (readiness === undefined || readiness.state === "ready") return undefined;
    return this.#story(live, readiness.because);
  }

  /** Returns when the object is gone, or another one has its name. */
  async untilGone(object: JsonObject, requestedSeconds: number): Promise<void> {
    const seconds = timeoutSeconds(requestedSeconds, object);
    const deadline = Date.now() + seconds * 1000;
    let first: string | undefined;
    let pause = firstPauseMs;
    for (;;) {
      const live = await this.#objects.read(object);
      if (live === undefined) return;
      first ??= textAt(live, "metadata", "uid");
      if (textAt(live, "metadata", "uid") !== first) return;
      if (Date.now() >= deadline || this.#cancelled.aborted) {
        const why = this.#cancelled.aborted ? "the operation was cancelled" : `still there after ${seconds} s`;
        const metadata = isObject(live.metadata) ? live.metadata : {};
        const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers.join(", ") : "none";
        throw new NotReadyError(await this.#story(live, `deletion: ${why}, finalizers: ${finalizers}`), live);
      }
      pause = await this.#pause(pause, deadline);
    }
  }

  async #pause(milliseconds: number, deadline: number): Promise<number> {
    const rest = Math.max(0, Math.min(milliseconds, deadline - Date.now()));
    await sleep(rest, undefined, { signal: this.#cancelled }).catch((error: unknown) => {
      // Cancelled: the caller looks at the signal and ends with its own message.
      if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    });
    return Math.min(milliseconds * 1.5, longestPauseMs);
  }

  // A Service without pods is no fault of the Service, so this ends without an error.
  async #untilEndpoints(service: JsonObject, deadline: number): Promise<void> {
    const selector = isObject(service.spec) ? service.spec.selector : undefined;
    if (!isObject(selector) || textAt(service, "spec", "clusterIP") === "None") return;
    if (textAt(service, "spec", "type") === "ExternalName") return;
    const namespace = textAt(service, "metadata", "namespace");
    const pods = await this.#list(`/api/v1/namespaces/${namespace}/pods`, {
      labelSelector: selectorText(selector),
      limit: "1",
    });
    if (pods.length === 0) return;
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const labelSelector = `kubernetes.io/service-name=${textAt(service, "metadata", "name")}`;
    let pause = firstPauseMs;
    while (Date.now() < deadline && !this.#cancelled.aborted) {
      const found = await this.#list(slices, { labelSelector });
      if (found.some((slice) => Array.isArray(slice.endpoints) && slice.endpoints.length > 0)) return;
      pause = await this.#pause(pause, deadline);
    }
  }

  // The object, why we stopped, its conditions, its last events, and the first pods that are not ready.
  async #story(live: JsonObject, why: string): Promise<string> {
    const parts = [`${nameOf(live)}: ${why}`];
    const seen = conditionsText(live);
    if (seen !== "") parts.push(`conditions: ${seen}`);
    parts.push(...(await this.#events(live)));
    const spec = isObject(live.spec) ? live.spec : {};
    const labels = isObject(spec.selector) ? spec.selector.matchLabels : undefined;
    if (isObject(labels)) {
      const namespace = textAt(live, "metadata", "namespace");
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const { items, problem } = await this.#listed(path, { labelSelector: selectorText(labels) });
      parts.push(...problem);
      const waiting = items.filter((pod) => !/(^|; )Ready=True/.test(conditionsText(pod))).slice(0, 3);
      for (const pod of waiting)
        parts.push(`pod ${textAt(pod, "metadata", "name")}: ${conditionsText(pod) || "no conditions"}`);
    }
    return parts.join("\n  ");
  }

  async #events(live: JsonObject): Promise<string[]> {
    const namespace = textAt(live, "metadata", "namespace") || "default";
    const fieldSelector = `involvedObject.uid=${textAt(live, "metadata", "uid")}`;
    const { items, problem } = await this.#listed(`/api/v1/namespaces/${namespace}/events`, { fieldSelector });
    const last = items.slice(-3).map((event) => `event: ${textAt(event, "reason")} ${textAt(event, "message")}`);
    return [...problem, ...last];
  }

  async #list(path: string, query: Record<string, string>): Promise<JsonObject[]> {
    const { items } = await this.#objects.client.send({ method: "GET", path, query });
    return Array.isArray(items) ? items.filter(isObject) : [];
  }

  // For messages: what cannot be read is said there, since the reason for the message matters more.
  async #listed(path: string, query: Record<string, string>): Promise<{ items: JsonObject[]; problem: string[] }> {
    try {
      return { items: await this.#list(path, query), problem: [] };
    } catch (error) {
      return {
        items: [],
        problem: [`${path} could not be read: ${error instanceof Error ? error.message : String(error)}`],
      };
    }
  }
}

function nameOf(object: JsonObject): string {
  const namespace = textAt(object, "metadata", "namespace");
  return `${textAt(object, "kind")} ${namespace === "" ? "" : `${namespace}/`}${textAt(object, "metadata", "name")}`;
}

function selectorText(labels: { [key: string]: Json | undefined }): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
}
