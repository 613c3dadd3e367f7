/** Tracing: the gateway that decides which traces are kept, and Jaeger that keeps and shows them. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../../capacity/workload-plan.ts";
import { priorityClasses } from "../../cluster/classes.ts";
import type { MonitoringConfig } from "../../config/monitoring.ts";
import { checksumAnnotation, labels as commonLabels, madeElsewhere, type SelectorLabels } from "../../kube/labels.ts";
import { serviceAccount } from "../../workload/account.ts";
import { FixedDeployment } from "../../workload/fixed-deployment.ts";
import type { OperatedPool } from "../../workload/placement.ts";
import type { PodArgs } from "../../workload/pod.ts";
import { StatefulWorkload, type StatefulWorkloadArgs } from "../../workload/stateful-set.ts";
import {
  collectorContainer,
  collectorPorts,
  configurationChecksum,
  configurationFile,
  configurationKey,
  configurationVolume,
} from "../collector.ts";
import { monitoringPartOf } from "../prometheus-plan.ts";
import { gatewayConfiguration } from "./gateway-config.ts";
import { jaegerConfiguration, jaegerPorts } from "./jaeger-config.ts";
import { jaegerContainer, jaegerVolumes } from "./jaeger-pod.ts";
import {
  gatewayName,
  gatewaySelector,
  gatewaySize,
  jaegerName,
  jaegerSelector,
  jaegerServices,
} from "./tracing-plan.ts";

/** Arguments of `Tracing`. */
export interface TracingArgs {
  namespace: string;
  tracing: MonitoringConfig["tracing"];
  plans: { gateway: WorkloadPlan; jaeger: WorkloadPlan };
  pool: OperatedPool;
  storageClass: string;
  protectData: boolean;
}

interface Part {
  plan: WorkloadPlan;
  selector: SelectorLabels;
  component: string;
  configuration: object;
  containers: StatefulWorkloadArgs["pod"]["containers"];
  volumes?: PodArgs["volumes"];
  annotations?: Record<string, string>;
}

/** See `TracingArgs`. */
export class Tracing extends pulumi.ComponentResource {
  constructor(name: string, args: TracingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Tracing", name, {}, opts);
    const { namespace, tracing, plans } = args;
    const { storage } = tracing;
    const grpc = { "otlp-grpc": collectorPorts.grpc };
    this.service(`${name}-gateway`, namespace, {
      serviceName: gatewayName,
      selector: gatewaySelector,
      ports: grpc,
      // Agents choose the gateway of a trace themselves, so they need all addresses.
      headless: true,
    });
    this.service(`${name}-collector`, namespace, {
      serviceName: jaegerServices.collector,
      selector: jaegerSelector,
      ports: { ...grpc, "otlp-http": jaegerPorts.http },
    });
    this.service(`${name}-query`, namespace, {
      serviceName: jaegerServices.query,
      selector: jaegerSelector,
      ports: { query: jaegerPorts.query },
    });
    this.deployment(`${name}-gateway`, args, {
      plan: plans.gateway,
      selector: gatewaySelector,
      component: "telemetry",
      configuration: gatewayConfiguration(tracing, `${jaegerServices.collector}.${namespace}.svc:${jaegerPorts.grpc}`),
      containers: [collectorContainer({ name: gatewayName, size: gatewaySize, ports: grpc })],
    });
    const jaeger: Part = {
      plan: plans.jaeger,
      selector: jaegerSelector,
      component: "traces",
      configuration: jaegerConfiguration(tracing),
      containers: [jaegerContainer(storage)],
      volumes: jaegerVolumes(storage),
      annotations: madeElsewhere({ Secret: storage.kind === "volume" ? [] : [storage.secretName] }),
    };
    if (storage.kind === "volume") this.withVolume(`${name}-${jaegerName}`, args, jaeger, storage.diskSize);
    else this.deployment(`${name}-${jaegerName}`, args, jaeger);
    this.registerOutputs({});
  }

  private service(
    name: string,
    namespace: string,
    args: {
      serviceName: string;
      selector: SelectorLabels;
      ports: Readonly<Record<string, number>>;
      headless?: boolean;
    },
  ): void {
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          name: args.serviceName,
          namespace,
          labels: commonLabels(args.selector, { component: "traces", partOf: monitoringPartOf }),
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          selector: { ...args.selector },
          ...(args.headless ? { clusterIP: "None" } : {}),
          ports: Object.entries(args.ports).map(([port, number]) => ({
            name: port,
            port: number,
            targetPort: port,
            appProtocol: port === "otlp-grpc" ? "grpc" : "http",
          })),
        },
      },
      { parent: this },
    );
  }

  /** Account and settings, and the pod that reads them. */
  private prepared(name: string, args: TracingArgs, part: Part) {
    const labels = commonLabels(part.selector, { component: part.component, partOf: monitoringPartOf });
    const metadata = { name: part.plan.name, namespace: args.namespace, labels };
    const child = { parent: this };
    const account = serviceAccount(`${name}-account`, metadata, child);
    const data = { [configurationKey]: configurationFile(part.configuration) };
    const settings = new k8s.core.v1.ConfigMap(`${name}-settings`, { metadata, data }, child);
    return {
      metadata,
      needs: [account, settings],
      pod: {
        account: part.plan.name,
        annotations: { [checksumAnnotation]: configurationChecksum(part.configuration), ...part.annotations },
        priorityClass: priorityClasses.monitoring.name,
        pool: args.pool,
        containers: part.containers,
        volumes: [configurationVolume(part.plan.name), ...(part.volumes ?? [])],
      },
    };
  }

  /** Of a fixed size: an autoscaler would move traces between gateways while they are decided. */
  private deployment(name: string, args: TracingArgs, part: Part): void {
    const { plan, selector } = part;
    const { metadata, needs, pod } = this.prepared(name, args, part);
    new FixedDeployment(
      name,
      { plan, namespace: args.namespace, selector, labels: metadata.labels, pod, needs },
      { parent: this },
    );
  }

  private withVolume(name: string, args: TracingArgs, part: Part, size: string): void {
    const { metadata, needs, pod } = this.prepared(name, args, part);
    new StatefulWorkload(
      name,
      {
        plan: part.plan,
        namespace: args.namespace,
        selector: part.selector,
        labels: metadata.labels,
        // Nobody asks for the pod by its own name: there is one.
        serviceName: jaegerServices.collector,
        firstOrdinal: 0,
        spreadHosts: "preferred",
        claim: { name: "data", size, storageClass: args.storageClass },
        protectData: args.protectData,
        needs,
        pod,
      },
      { parent: this },
    );
  }
}
