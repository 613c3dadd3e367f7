/** AppProjects of Argo CD: what may come from where, and who may do what. */
import type { DeliveryConfig } from "../config/delivery.ts";
import { applicationName, type DeliveredPart, destination, type Repository } from "./applications.ts";
import { deliveredKinds, shownKinds } from "./ownership.ts";

type ArgoCdConfig = DeliveryConfig["argocd"];

/** Roles of a project. */
export type ProjectRole = "developers" | "operators";

/** What a role may do with the Applications of its project; each is a pair of resource and action of Argo CD. */
export function roleRights(
  role: ProjectRole,
  { developersSync }: Pick<ArgoCdConfig, "developersSync">,
): [resource: string, action: string][] {
  // Since Argo CD 3 logs are a right of their own, and a right on an Application is none on its objects.
  const look: [string, string][] = [
    ["applications", "get"],
    ["logs", "get"],
  ];
  if (role === "developers")
    return [...look, ...(developersSync ? [["applications", "sync"] as [string, string]] : [])];
  return [
    ...look,
    ["applications", "sync"],
    ["applications", "override"],
    ["applications", "update"],
    // Restart of a Deployment, and a pod that hangs.
    ["applications", "action/apps/Deployment/restart"],
    ["applications", "delete/*/Pod/*/*"],
  ];
}

/** Rules of a role in the words of casbin, the engine that Argo CD judges by. */
export function rolePolicies(
  project: string,
  role: ProjectRole,
  argocd: Pick<ArgoCdConfig, "developersSync">,
): string[] {
  return roleRights(role, argocd).map(
    ([resource, action]) => `p, proj:${project}:${role}, ${resource}, ${action}, ${project}/*, allow`,
  );
}

/** A window in the night of each region in which Argo CD may apply by itself. */
function syncWindows(argocd: ArgoCdConfig, part: DeliveredPart, timeZones: Readonly<Record<string, string>>) {
  const { syncWindow } = argocd;
  if (syncWindow === undefined) return undefined;
  return part.regions.map((region, index) => ({
    kind: "allow",
    // A minute apart: Argo CD takes windows of one kind, schedule and length for the same, whatever their time zone, and
    // then refuses every edit of the project (argo-cd issue 20712).
    schedule: `${index} ${syncWindow.startHour} * * *`,
    duration: `${syncWindow.hours}h`,
    timeZone: timeZones[region] ?? "Etc/UTC",
    applications: [applicationName(part, region)],
    // People may apply at any time: a fix does not wait for the night.
    manualSync: true,
  }));
}

/** `spec` of the project of a part. `regions` are those that this Argo CD delivers to. */
export function projectSpec(
  argocd: ArgoCdConfig,
  {
    repository,
    part,
    timeZones,
  }: { repository: Repository; part: DeliveredPart; timeZones: Readonly<Record<string, string>> },
) {
  const windows = syncWindows(argocd, part, timeZones);
  const destinations = new Map(
    part.regions.map((region) => {
      const to = destination(argocd, region);
      return [JSON.stringify(to), { ...to, namespace: part.namespace }];
    }),
  );
  return {
    description: `${part.namespace}, as the rendered tree in Git says it`,
    sourceRepos: [repository.url],
    destinations: [...destinations.values()],
    // No list of cluster-wide kinds: none is allowed.
    namespaceResourceWhitelist: [...deliveredKinds, ...shownKinds].map(({ group, kind }) => ({ group, kind })),
    roles: (["developers", "operators"] as const).map((role) => ({
      name: role,
      description: role === "operators" ? "Apply and roll back" : "Look, and read logs",
      groups: [argocd.groups[role]],
      policies: rolePolicies(part.project, role, argocd),
    })),
    ...(windows === undefined ? {} : { syncWindows: windows }),
  };
}
