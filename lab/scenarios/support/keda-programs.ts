/** KEDA itself: its operator and its metrics adapter as processes of a region. Its webhooks are off. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../ports.ts";
import { kedaSpec } from "../../tool-specs.ts";
import { resolveTool } from "../../toolchain.ts";
import { aggregatedApiObjects } from "./aggregated-api.ts";
import type { DeployContext } from "./deployment.ts";
import type { LocalPrograms } from "./local-programs.ts";

/** One port for each address. */
type Ports = [operatorMetrics: number, operatorProbe: number, grpc: number, api: number, adapterMetrics: number];

/** Folder of the built programs; throws with the command that builds them. */
export async function builtKeda({ onProgress, signal }: DeployContext): Promise<string> {
  const folder = await resolveTool(kedaSpec, { onProgress, signal, cachedOnly: true });
  if (folder !== undefined) return folder;
  const { minutes } = kedaSpec.go;
  throw new Error(`KEDA is not built; \`npm run lab -- build keda\` builds it in about ${minutes} min`);
}

/** Starts both; answers what makes the API server pass external metrics on to the adapter. */
export async function startKeda(programs: LocalPrograms, built: string) {
  const { folder } = programs;
  const kubeconfig = join(folder, "kubeconfig");
  const certificates = join(folder, "keda-certificates");
  mkdirSync(certificates, { recursive: true });
  // Operator and adapter know each other by certificates of one authority, with the names that KEDA's chart gives them.
  for (const [from, to] of Object.entries({ "ca.crt": "ca.crt", "server.crt": "tls.crt", "server.key": "tls.key" })) {
    copyFileSync(join(folder, from), join(certificates, to));
  }
  const [metrics, probe, grpc, api, adapterMetrics] = (await freePorts(5)) as Ports;
  const environment = { POD_NAMESPACE: "keda", KEDA_CLUSTER_OBJECT_NAMESPACE: "keda", WATCH_NAMESPACE: "" };
  const log = ["--zap-log-level=info", "--zap-encoder=console", "--zap-time-encoding=rfc3339"];
  await programs.start({
    name: "keda-operator",
    file: join(built, "keda-operator"),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--cert-dir=${certificates}`,
      `--metrics-bind-address=127.0.0.1:${metrics}`,
      `--health-probe-bind-address=127.0.0.1:${probe}`,
      `--metrics-service-bind-address=127.0.0.1:${grpc}`,
      ...log,
    ],
    environment,
    ready: `http://127.0.0.1:${probe}/readyz`,
  });
  await programs.start({
    name: "keda-adapter",
    file: join(built, "keda-adapter"),
    args: [
      ...["kubeconfig", "lister-kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
        (flag) => `--${flag}=${kubeconfig}`,
      ),
      `--cert-dir=${certificates}`,
      `--tls-cert-file=${join(certificates, "tls.crt")}`,
      `--tls-private-key-file=${join(certificates, "tls.key")}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${api}`,
      // The page of its own metrics is the one thing here that cannot be kept to loopback: it has a port and no address.
      `--port=${adapterMetrics}`,
      `--metrics-service-address=127.0.0.1:${grpc}`,
      ...log,
    ],
    environment,
    ready: `https://127.0.0.1:${api}/readyz`,
  });
  return aggregatedApiObjects({
    group: "external.metrics.k8s.io",
    version: "v1beta1",
    service: "lab-keda-metrics",
    port: api,
  });
}
