/** Plays the autoscaler, which a lab without KEDA's operator lacks: it only ever changes the scale, as the real one. */
import { type DeployContext, kubectl, type OwnedObject } from "./deployment.ts";

interface ScaledSpec {
  scaleTargetRef?: { name?: string };
  minReplicaCount?: number;
  maxReplicaCount?: number;
}

/** Scales every autoscaled Deployment of a cluster to one of its bounds and waits for its pods. */
export async function scaleTo(
  bound: "minReplicaCount" | "maxReplicaCount",
  context: DeployContext,
  cluster: string,
  owned: readonly OwnedObject[],
): Promise<void> {
  const scaled = owned.filter((object) => object.context === cluster && object.inputs.kind === "ScaledObject");
  await Promise.all(
    scaled.map(async ({ inputs }) => {
      const { scaleTargetRef, [bound]: replicas } = (inputs.spec ?? {}) as ScaledSpec;
      const target = [`deployment/${scaleTargetRef?.name}`, "--namespace", inputs.metadata?.namespace ?? "default"];
      await kubectl(context, cluster, "scale", `--replicas=${replicas}`, ...target);
      await kubectl(context, cluster, "rollout", "status", "--timeout=300s", ...target);
    }),
  );
}
