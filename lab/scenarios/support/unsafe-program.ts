/**
 * The platform with two mistakes that a review can miss: a Deployment whose init container is privileged, and one that
 * may grow beyond the namespace's quota. What a refused preview looks like.
 */
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { importAnew } from "../../../tools/import-anew.ts";
import { projectFolder } from "../../../tools/offline/stack-file.ts";

const labels = { app: "bot-detector" };

function deployment(replicas: number, initContainers: k8s.types.input.core.v1.Container[]) {
  return {
    metadata: { name: "bot-detector", namespace: "mmorpg-game", labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
          initContainers,
          containers: [container("detector", {})],
        },
      },
    },
  };
}

function container(
  name: string,
  securityContext: k8s.types.input.core.v1.SecurityContext,
): k8s.types.input.core.v1.Container {
  return {
    name,
    image: "registry.example.com/bot-detector:1.0.0",
    resources: { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      ...securityContext,
    },
  };
}

/** The platform and the two mistakes. */
export default async function unsafe(): Promise<void> {
  const { regions } = (await importAnew(join(projectFolder, "index.ts"))) as {
    regions: Record<string, { context: string }>;
  };
  const [region] = Object.values(regions);
  if (region === undefined) throw new Error("the stack has no region");
  const provider = new k8s.Provider("review-me", { context: region.context, enableServerSideApply: true });
  new k8s.apps.v1.Deployment(
    "bot-detector",
    deployment(400, [container("tune-kernel", { privileged: true, allowPrivilegeEscalation: true })]),
    { provider },
  );
}
