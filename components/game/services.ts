/** The services of the game, one StatelessService for each row. */
import * as pulumi from "@pulumi/pulumi";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { labels } from "../kube/labels.ts";
import { cpuTrigger } from "../workload/autoscaling.ts";
import { serviceGrace } from "../workload/service-plan.ts";
import { StatelessService } from "../workload/stateless-service.ts";
import { type GamePlan, serviceBehavior } from "./plan.ts";
import { rowContainer, rowPod } from "./server-pod.ts";
import { gamePort, metricsPort, serviceRows } from "./workloads.ts";

/** Arguments of `GameServices`. */
export interface GameServicesArgs {
  config: Config;
  /** Name and configuration of the region. */
  regionName: string;
  region: RegionConfig;
  namespace: string;
  plans: GamePlan["services"];
  /** Checksum of the settings, which rolls the pods. */
  checksum: string;
  /** ConfigMaps and Secret of the game. */
  needs: pulumi.Resource[];
}

/** See `GameServicesArgs`. */
export class GameServices extends pulumi.ComponentResource {
  constructor(name: string, args: GameServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:GameServices", name, {}, opts);
    const { config, region, namespace } = args;
    for (const row of serviceRows) {
      const plan = args.plans[row.key];
      const sizes = config.game.services[row.key];
      const selector = { app: row.name };
      new StatelessService(
        `${name}-${row.key}`,
        {
          plan,
          namespace,
          selector,
          labels: labels(selector, { component: row.component, partOf: "mmorpg" }),
          serviceName: row.service,
          ports: [
            { ...gamePort, appProtocol: "http" },
            { ...metricsPort, appProtocol: "http" },
          ],
          scaling: {
            minReplicas: plan.minReplicas,
            maxReplicas: plan.maxReplicas,
            behavior: serviceBehavior,
            triggers: [cpuTrigger(sizes.resources, sizes.cpuPercent)],
            keepWhenBlind: false,
          },
          maxSurge: plan.surgePods,
          maxUnavailable: 1,
          needs: args.needs,
          pod: {
            ...rowPod({ config, region, pool: "services", checksum: args.checksum, logs: false }),
            containers: [
              rowContainer(row, args, {
                size: sizes.resources,
                // Time until no gateway and no Service sends here any more; then the process may stop.
                preStop: { sleep: { seconds: serviceGrace.preStopSeconds } },
              }),
            ],
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
