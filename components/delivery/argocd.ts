/** ArgoCd: Argo CD of a region or of a hub, with a project and Applications for each part that it delivers. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../config/delivery.ts";
import {
  applicationName,
  applicationSetSpec,
  applicationSpec,
  type DeliveredPart,
  notificationAnnotations,
  type Repository,
} from "./applications.ts";
import { projectSpec } from "./projects.ts";
import { argocdChart, argocdValues } from "./values.ts";

/** Arguments of `ArgoCd`. */
export interface ArgoCdArgs {
  argocd: DeliveryConfig["argocd"];
  repository: Repository;
  /** Region that it runs in. */
  region: string;
  /** Parts with the regions that this Argo CD delivers to. */
  parts: readonly DeliveredPart[];
  /** Time zones of regions. */
  timeZones: Readonly<Record<string, string>>;
}

const api = "argoproj.io/v1alpha1";
const labels = { "app.kubernetes.io/managed-by": "realmgrid" };

/** See `ArgoCdArgs`. */
export class ArgoCd extends pulumi.ComponentResource {
  constructor(name: string, args: ArgoCdArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:delivery:ArgoCd", name, {}, opts);
    const { argocd, repository } = args;
    const { namespace } = argocd;
    const child = { parent: this };
    const installed = argocd.install === "helm" ? [this.release(name, argocd)] : [];
    const create = (kind: string, objectName: string, spec: object, needs: pulumi.Resource[]) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${kind.toLowerCase()}-${objectName}`,
        {
          apiVersion: api,
          kind,
          metadata: {
            name: objectName,
            namespace,
            labels,
            ...(kind === "Application" && Object.keys(notificationAnnotations(argocd)).length > 0
              ? { annotations: notificationAnnotations(argocd) }
              : {}),
          },
          spec,
        },
        { ...child, dependsOn: needs },
      );
    for (const part of args.parts) {
      const project = create(
        "AppProject",
        part.project,
        projectSpec(argocd, { repository, part, timeZones: args.timeZones }),
        installed,
      );
      if (argocd.hub !== undefined) {
        create("ApplicationSet", part.project, applicationSetSpec(argocd, repository, part), [project]);
        continue;
      }
      // No finalizer: an Application that is deleted leaves what it delivered where it is.
      for (const region of part.regions) {
        const { automated } = argocd;
        const spec = applicationSpec(argocd, { repository, part, region, automated });
        create("Application", applicationName(part, region), spec, [project]);
      }
    }
    this.registerOutputs({});
  }

  private release(name: string, argocd: DeliveryConfig["argocd"]): pulumi.Resource {
    return new k8s.helm.v3.Release(
      `${name}-chart`,
      {
        name: argocdChart.name,
        chart: argocdChart.name,
        version: argocdChart.version,
        repositoryOpts: { repo: argocdChart.repository },
        namespace: argocd.namespace,
        values: argocdValues(argocd),
        atomic: true,
        createNamespace: true,
      },
      { parent: this },
    );
  }
}
