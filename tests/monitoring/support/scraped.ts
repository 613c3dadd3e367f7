/** What a region scrapes, as its objects say it. */
import type { OfflineRun } from "../../../tools/offline/host.ts";
import type { PlacedObject } from "../../../tools/offline/inventory.ts";
import { everything } from "../../support/objects.ts";
import { type OperatedWorkload, operatedWorkloads } from "../../support/operated.ts";
import { selects, type Template, templates } from "../../support/pods.ts";
import { runOf, runWith } from "../../support/runs.ts";

/** A change of a target's labels. */
export interface Relabeling {
  targetLabel: string;
  replacement?: string;
  sourceLabels?: string[];
}

/** How one page is asked for. */
export interface Endpoint {
  path: string;
  interval?: string;
  scrapeTimeout?: string;
  honorLabels?: boolean;
  relabelings: Relabeling[];
}

/** `spec` of a PodMonitor. */
export interface PodMonitor {
  namespaceSelector: { matchNames: string[] };
  selector: { matchLabels: Record<string, string> };
  podMetricsEndpoints: (Endpoint & { portNumber: number })[];
}

/** Pods of ours, and of operators. */
export type Pods = Template | OperatedWorkload;

/** A custom resource with its `spec`. */
export interface Specified<T> {
  name: string;
  spec: T;
  object: PlacedObject;
}

/** Custom resources of a kind in a region. */
export function specsOf<T>(run: OfflineRun, kind: string, region: string): Specified<T>[] {
  return everything(run)
    .filter((one) => one.kind === kind && one.region === region)
    .map((object) => ({ name: object.name, spec: object.resource.inputs["spec"] as T, object }));
}

/** PodMonitors of a region. */
export function podMonitors(run: OfflineRun, region: string): Specified<PodMonitor>[] {
  return specsOf(run, "PodMonitor", region);
}

/** Every kind of pod of a region. */
export function podsOf(run: OfflineRun, region: string): Pods[] {
  return [...templates(run, region), ...operatedWorkloads(run, region)];
}

/** True where a monitor takes these pods. */
export function selected(
  { namespaceSelector, selector }: PodMonitor,
  pods: Pick<Pods, "namespace" | "labels">,
): boolean {
  return namespaceSelector.matchNames.includes(pods.namespace) && selects(selector.matchLabels, pods.labels);
}

/** The value that a page's series get as a label. */
export function given({ relabelings }: Endpoint, label: string): string | undefined {
  return relabelings.find((one) => one.targetLabel === label)?.replacement;
}

/** Stacks as they are, and one with all that is left out by default. */
export const stacks = {
  dev: () => runOf("dev"),
  prod: () => runOf("prod"),
  "dev with more worlds, controllers of their own, and traces and logs elsewhere": () =>
    runWith("dev", {
      "regions.us-west.worlds.count": 120,
      "regions.us-west.pools.worlds.maxNodes": 60,
      "data.mysql.pools.worlds": 5,
      "regions.us-west.pools.data.maxNodes": 4,
      "ads.staging.kafka.brokers": 3,
      "ads.staging.kafka.controllers": 3,
      "monitoring.tracing.storage": { kind: "opensearch", url: "https://traces.example.com", secretName: "traces" },
      "monitoring.logs.store": { kind: "otlp", endpoint: "https://logs.example.com" },
    }),
};
