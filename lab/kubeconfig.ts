/** Kubeconfig files: one per region, and one merged file with a context for each region. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

interface Kubeconfig {
  apiVersion: "v1";
  kind: "Config";
  "current-context"?: string;
  clusters: unknown[];
  users: unknown[];
  contexts: unknown[];
}

/** Writes the kubeconfig of a region from the certificates in its folder, with their content inside. Returns its path. */
export function writeKubeconfig(folder: string, context: string, server: string): string {
  const content = (name: string) => readFileSync(join(folder, name)).toString("base64");
  const user = `${context}-admin`;
  const config: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    clusters: [{ name: context, cluster: { server, "certificate-authority-data": content("ca.crt") } }],
    users: [
      {
        name: user,
        user: { "client-certificate-data": content("admin.crt"), "client-key-data": content("admin.key") },
      },
    ],
    contexts: [{ name: context, context: { cluster: context, user } }],
  };
  const file = join(folder, "kubeconfig");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

/**
 * Joins the kubeconfigs of the regions. The result has no current context, so that a command that forgets to name a
 * region fails and does not reach an arbitrary one.
 */
export function mergeKubeconfigs(files: readonly string[], target: string): void {
  const parts = files.map((file) => parse(readFileSync(file, "utf8")) as Kubeconfig);
  const merged: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: parts.flatMap(({ clusters }) => clusters),
    users: parts.flatMap(({ users }) => users),
    contexts: parts.flatMap(({ contexts }) => contexts),
  };
  writeFileSync(target, stringify(merged), { mode: 0o600 });
}
