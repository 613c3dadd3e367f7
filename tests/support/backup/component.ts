/** Runs one component by itself, as if it stood in the region us-west. */
import * as pulumi from "@pulumi/pulumi";
import { type OfflineRun, runOffline } from "../../../tools/offline/host.ts";
import { inTurn } from "../runs.ts";
import { stackConfig } from "../stacks.ts";

/** What `create` makes below the given parent. */
export function runAlone(create: (options: pulumi.ComponentResourceOptions) => void): Promise<OfflineRun> {
  const program = async () => {
    create({ parent: new pulumi.ComponentResource("realmgrid:region:Region", "us-west") });
    return {};
  };
  return inTurn(() => runOffline("dev", { config: stackConfig("dev"), program }));
}
