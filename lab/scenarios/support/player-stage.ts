/** Everything that plays a part when real KEDA scales the game servers of one region by what a real Prometheus records. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { gameServerRow } from "../../../components/game/workloads.ts";
import type { RegionCluster } from "../../session.ts";
import type { DebianServer } from "../../toolchain/debian-packages.ts";
import { type AggregatedServer, apiServiceName } from "./aggregated-api.ts";
import { type DeployContext, expect, kubectl, type OwnedObject } from "./deployment.ts";
import { autoscalerOf, type MadeAutoscaler } from "./keda.ts";
import { startKeda } from "./keda-programs.ts";
import { LocalPrograms } from "./local-programs.ts";
import { LocalPrometheus } from "./local-prometheus.ts";
import { scaledObjectLabel } from "./metrics-api.ts";
import { metricValue } from "./players.ts";
import { isReady } from "./pods.ts";
import { ReplicaWatch } from "./replica-watch.ts";
import { resourceMetricsName, resourceMetricsObjects, startResourceMetrics } from "./resource-metrics.ts";
import { ServerExporter } from "./server-exporter.ts";

/** Time for one thing to happen: a scrape, an evaluation and a pass of the autoscaler are 45 s. */
const waitLimitMs = 180_000;

/** What the program has deployed, as far as it decides how game servers scale. */
export interface Deployed {
  /** Bounds and behaviour of the game servers, and their metric. */
  autoscaler: MadeAutoscaler;
  /** Query of the metric. */
  query: string;
  /** Value of the label `service` of what is scraped. */
  service: string;
  prometheus: { scrapeInterval: string; evaluationInterval: string };
  rules: object;
}

/** Reads it off the objects of one cluster. */
export function deployedOf(owned: readonly OwnedObject[], cluster: string): Deployed {
  const find = (kind: string, isIt: (object: OwnedObject["inputs"]) => boolean = () => true) => {
    const found = owned.find(({ inputs, context }) => context === cluster && inputs.kind === kind && isIt(inputs));
    if (found === undefined) throw new Error(`${cluster}: the program made no ${kind} for game servers`);
    return found;
  };
  const isOfServers = (object: OwnedObject["inputs"]) => {
    const { selector } = (object.spec ?? {}) as { selector?: { matchLabels?: Record<string, string> } };
    return selector?.matchLabels?.["app"] === gameServerRow.name;
  };
  const deployment = find("Deployment", isOfServers).inputs.metadata?.name;
  const scaled = find("ScaledObject", ({ metadata }) => metadata?.name === deployment);
  const monitor = find("PodMonitor", isOfServers).inputs.spec as {
    podMetricsEndpoints: { relabelings: { targetLabel: string; replacement: string }[] }[];
  };
  const { triggers } = scaled.inputs.spec as { triggers: { type: string; metadata: { query?: string } }[] };
  const relabelings = monitor.podMetricsEndpoints.flatMap((endpoint) => endpoint.relabelings);
  return {
    autoscaler: autoscalerOf(scaled),
    query: triggers.find(({ type }) => type === "prometheus")?.metadata.query ?? "",
    service: relabelings.find(({ targetLabel }) => targetLabel === "service")?.replacement ?? "",
    prometheus: find("Prometheus").inputs.spec as unknown as Deployed["prometheus"],
    rules: find("PrometheusRule").inputs.spec ?? {},
  };
}

/** The running programs of a region. */
export class PlayerStage {
  readonly core: CoreV1Api;
  readonly watch: ReplicaWatch = new ReplicaWatch();
  readonly programs: LocalPrograms;
  readonly #context: DeployContext;
  readonly #cluster: RegionCluster;
  readonly #config: KubeConfig = new KubeConfig();
  readonly #ended: AbortController = new AbortController();
  readonly #files: string[] = [];
  #deployed: Deployed | undefined;
  #exporter: ServerExporter | undefined;
  #prometheus: LocalPrometheus | undefined;
  #resourceMetrics: AggregatedServer | undefined;
  #following: Promise<void> = Promise.resolve();
  #lost: unknown;

  constructor(context: DeployContext, cluster: RegionCluster) {
    this.#context = context;
    this.#cluster = cluster;
    this.#config.loadFromFile(context.lab.kubeconfig);
    this.#config.setCurrentContext(cluster.context);
    this.core = this.#config.makeApiClient(CoreV1Api);
    this.programs = new LocalPrograms(cluster.folder, context.signal);
  }

  get deployed(): Deployed {
    return there(this.#deployed, "what is deployed");
  }

  get exporter(): ServerExporter {
    return there(this.#exporter, "the exporter");
  }

  get prometheus(): LocalPrometheus {
    return there(this.#prometheus, "Prometheus");
  }

  /** Starts what measures: pages of pods, Prometheus, and the stand-in for CPU and memory. */
  async measure(
    owned: readonly OwnedObject[],
    { server, port }: { server: DebianServer; port: number },
  ): Promise<void> {
    const { folder, context, region } = this.#cluster;
    const deployed = deployedOf(owned, context);
    const { prometheus, rules, service, autoscaler } = deployed;
    this.#deployed = deployed;
    this.#exporter = await ServerExporter.listen(join(folder, "targets.json"), service);
    this.#following = this.#follow(this.#exporter, autoscaler.namespace).catch((error: unknown) => {
      if (!this.#ended.signal.aborted) this.#lost = error;
    });
    const { targetsFile } = this.#exporter;
    const options = { server, port, prometheus, rules, region, targetsFile };
    this.#prometheus = await LocalPrometheus.start(this.programs, options);
    this.#resourceMetrics = await startResourceMetrics(folder, this.core);
    await this.#apply("resource-metrics.json", resourceMetricsObjects(this.#resourceMetrics.port), resourceMetricsName);
    await this.watch.start(this.#config, [autoscaler.namespace]);
  }

  /** Starts KEDA. */
  async scale(built: string): Promise<void> {
    const objects = await startKeda(this.programs, built);
    const name = apiServiceName({ group: "external.metrics.k8s.io", version: "v1beta1" });
    await this.#apply("keda-metrics.json", objects, name);
  }

  /**
   * The sum of players as an autoscaler is told it: by API server, adapter and operator from Prometheus. Throws while
   * these have no answer.
   */
  async toldPlayers(): Promise<number | undefined> {
    const { namespace, name, metrics } = this.deployed.autoscaler;
    const selector = encodeURIComponent(`${scaledObjectLabel}=${name}`);
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metrics[0]?.metric}`;
    const text = await kubectl(
      this.#context,
      this.#cluster.context,
      "get",
      "--raw",
      `${path}?labelSelector=${selector}`,
    );
    const { items } = JSON.parse(text) as { items: { value: string }[] };
    return items[0] === undefined ? undefined : metricValue(items[0].value);
  }

  /** Waits until the ScaledObject says that a metric is not to be had and its fallback holds. */
  async untilFallback(): Promise<void> {
    const { namespace, name } = this.deployed.autoscaler;
    const words = ["--for=condition=Fallback", "--timeout=300s", "--namespace", namespace, `scaledobject/${name}`];
    await kubectl(this.#context, this.#cluster.context, "wait", ...words);
  }

  /** Waits until the check is true and does not throw; fails when a program has ended or it takes too long. */
  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    let last: unknown = "it is not so";
    for (const limit = Date.now() + waitLimitMs; ; await sleep(1000, undefined, { signal: this.#context.signal })) {
      this.check();
      try {
        if (await check()) return;
      } catch (error) {
        last = error instanceof Error ? error.message : error;
      }
      expect(Date.now() < limit, () => `waited ${waitLimitMs / 1000} s in vain until ${what}: ${last}`);
    }
  }

  /** Throws when a program has ended, or pods are no longer followed. */
  check(): void {
    this.programs.check();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Ends everything, and lets go of objects that nobody would delete without KEDA. */
  async end(): Promise<void> {
    this.watch.stop();
    this.#ended.abort();
    await this.#following;
    try {
      await this.programs.stop("keda-operator");
      await this.#releaseScaledObjects();
      for (const file of this.#files.toReversed())
        await this.#kubectl("delete", "--ignore-not-found", "--filename", file);
    } finally {
      await this.programs.stop();
      await this.#exporter?.close();
      await this.#resourceMetrics?.stop();
    }
  }

  #kubectl(...args: string[]): Promise<string> {
    return kubectl(this.#context, this.#cluster.context, ...args);
  }

  /** KEDA puts a finalizer on every ScaledObject; one that is left when KEDA is gone could never be deleted. */
  async #releaseScaledObjects(): Promise<void> {
    const text = await this.#kubectl("get", "scaledobjects", "--all-namespaces", "--output=json");
    const { items } = JSON.parse(text) as { items: { metadata: { name: string; namespace: string } }[] };
    for (const { metadata } of items) {
      const target = ["--namespace", metadata.namespace, `scaledobject/${metadata.name}`];
      await this.#kubectl("patch", ...target, "--type=merge", '--patch={"metadata":{"finalizers":null}}');
    }
  }

  async #follow(exporter: ServerExporter, namespace: string): Promise<void> {
    const signal = AbortSignal.any([this.#context.signal, this.#ended.signal]);
    for (; !signal.aborted; await sleep(500, undefined, { signal })) {
      const labelSelector = `app=${gameServerRow.name}`;
      const { items } = await this.core.listNamespacedPod({ namespace, labelSelector });
      exporter.follow(items.filter(isReady));
    }
  }

  async #apply(name: string, items: readonly object[], apiService: string): Promise<void> {
    const file = join(this.#cluster.folder, name);
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    this.#files.push(file);
    await this.#kubectl("apply", "--server-side", "--filename", file);
    await this.#kubectl("wait", "--for=condition=Available", "--timeout=300s", `apiservice/${apiService}`);
  }
}

function there<T>(value: T | undefined, what: string): T {
  expect(value !== undefined, () => `${what} is not there yet`);
  return value as T;
}
