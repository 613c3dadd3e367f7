/** Applications of Argo CD: one for each part and region, alone or as an ApplicationSet that goes in waves. */
import type { DeliveryConfig } from "../config/delivery.ts";
import { domain } from "../kube/labels.ts";
import { fieldOwners } from "./ownership.ts";

type ArgoCdConfig = DeliveryConfig["argocd"];

/** Repository of the rendered tree, once the configuration is known to have one. */
export type Repository = NonNullable<ArgoCdConfig["repository"]>;

/** A part that Argo CD delivers: a namespace of the platform, and the folder of the tree that it is written to. */
export interface DeliveredPart {
  /** Name of the project, and first part of the names of its Applications. */
  project: string;
  namespace: string;
  /** Folder below that of the region. */
  folder: string;
  /** Regions that run it. */
  regions: readonly string[];
}

/** Where a region's objects go: the cluster that Argo CD runs in, or one of a hub's. */
export function destination(argocd: Pick<ArgoCdConfig, "hub">, region: string): { server: string } | { name: string } {
  // The hub's own cluster has no Secret unless somebody makes one, so it is named by its address.
  return argocd.hub === undefined || argocd.hub === region
    ? { server: "https://kubernetes.default.svc" }
    : { name: region };
}

/** Label that says in which wave an Application gets a change. */
export const waveLabel = `${domain}/wave`;

/** Regions by wave. Where nothing else is said the first of them, by name, is the canary. */
export function waves(argocd: Pick<ArgoCdConfig, "waves">, regions: readonly string[]): string[][] {
  const said = argocd.waves.map((wave) => wave.filter((region) => regions.includes(region)));
  const [first, ...others] = regions;
  const all = argocd.waves.length > 0 ? said : [first === undefined ? [] : [first], others];
  return all.filter((wave) => wave.length > 0);
}

/** `spec` of an Application. */
export function applicationSpec(
  argocd: ArgoCdConfig,
  {
    repository,
    part,
    region,
    automated,
  }: { repository: Repository; part: DeliveredPart; region: string; automated: boolean },
) {
  return {
    project: part.project,
    source: {
      repoURL: repository.url,
      targetRevision: repository.revision,
      path: `${repository.path}/${region}/${part.folder}`,
    },
    destination: { ...destination(argocd, region), namespace: part.namespace },
    revisionHistoryLimit: 10,
    syncPolicy: {
      ...(automated ? { automated: { prune: true, selfHeal: true } } : {}),
      syncOptions: [
        // Namespaces are the engine's, with quota and Pod Security.
        "CreateNamespace=false",
        "ServerSideApply=true",
        "ApplyOutOfSyncOnly=true",
        // Without it what others own is left out of the comparison only, and written all the same.
        "RespectIgnoreDifferences=true",
        "PruneLast=true",
      ],
      retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
    },
    ignoreDifferences: fieldOwners
      .filter(({ inGit }) => inGit)
      .map(({ group, kind, pointer }) => ({ group, kind, jsonPointers: [pointer] })),
  };
}

/** Annotations by which Argo CD's notifications find whom to tell. */
export function notificationAnnotations({ notifications }: ArgoCdConfig): Record<string, string> {
  if (notifications === undefined) return {};
  return Object.fromEntries(
    ["on-sync-failed", "on-health-degraded"].map((trigger) => [
      `notifications.argoproj.io/subscribe.${trigger}.slack`,
      notifications.channel,
    ]),
  );
}

/** Name of the Application of a part in a region. */
export function applicationName({ project }: Pick<DeliveredPart, "project">, region: string): string {
  return `${project}-${region}`;
}

/**
 * `spec` of the ApplicationSet of a part. A wave begins when every Application of the one before is in sync and healthy.
 * RollingSync applies by itself: it takes the automation out of the template, and off it only whether to prune.
 */
export function applicationSetSpec(argocd: ArgoCdConfig, repository: Repository, part: DeliveredPart) {
  const { automated } = argocd;
  const order = waves(argocd, part.regions);
  const elements = order.flatMap((regions, wave) => regions.map((region) => ({ region, wave: String(wave) })));
  const sample = applicationSpec(argocd, { repository, part, region: "{{.region}}", automated });
  const annotations = notificationAnnotations(argocd);
  return {
    goTemplate: true,
    goTemplateOptions: ["missingkey=error"],
    generators: [
      {
        list: {
          elements: elements.map((one) => {
            const to = destination(argocd, one.region);
            return { ...one, server: "server" in to ? to.server : "", name: "name" in to ? to.name : "" };
          }),
        },
      },
    ],
    // An Application that leaves the set leaves its objects in the cluster.
    syncPolicy: { preserveResourcesOnDeletion: true },
    ...(automated
      ? {
          strategy: {
            type: "RollingSync",
            rollingSync: {
              steps: order.map((_, wave) => ({
                matchExpressions: [{ key: waveLabel, operator: "In", values: [String(wave)] }],
              })),
            },
          },
        }
      : {}),
    template: {
      metadata: {
        name: applicationName(part, "{{.region}}"),
        labels: { [waveLabel]: "{{.wave}}" },
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      spec: {
        ...sample,
        destination: { namespace: part.namespace, server: "{{.server}}", name: "{{.name}}" },
      },
    },
  };
}
