/** Command lines of the programs of one region. All of them listen on the loopback address only. */
import { join } from "node:path";
import { managedNodeLabel } from "./nodes.ts";

/** What the programs that use the API server share. */
export interface ClientArguments {
  /** Folder of the region, with its certificates. */
  folder: string;
  kubeconfig: string;
  /** Requests per second; undefined for the programs' own limit. */
  clientQps: number | undefined;
}

/** The store. */
export function etcdArguments(folder: string, port: number): string[] {
  const url = `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    // The data lives as long as the lab; waiting for the disk would only make it slower.
    "--unsafe-no-fsync",
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    // There is no second member; the peer port may be any.
    "--listen-peer-urls=http://127.0.0.1:0",
    "--log-level=warn",
  ];
}

/** The API server. */
export function apiServerArguments(folder: string, port: number, etcdPort: number): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    "--endpoint-reconciler-type=none",
    `--cert-dir=${folder}`,
    `--tls-cert-file=${file("server.crt")}`,
    `--tls-private-key-file=${file("server.key")}`,
    `--client-ca-file=${file("ca.crt")}`,
    "--authorization-mode=Node,RBAC",
    "--allow-privileged",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("service-accounts.key")}`,
    `--service-account-signing-key-file=${file("service-accounts.key")}`,
    `--requestheader-client-ca-file=${file("ca.crt")}`,
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${file("front-proxy.crt")}`,
    `--proxy-client-key-file=${file("front-proxy.key")}`,
  ];
}

/** The controller-manager. */
export function controllerArguments(client: ClientArguments, port: number): string[] {
  const { folder } = client;
  return [
    ...servingArguments(client, port),
    `--root-ca-file=${join(folder, "ca.crt")}`,
    `--service-account-private-key-file=${join(folder, "service-accounts.key")}`,
    "--use-service-account-credentials",
    "--horizontal-pod-autoscaler-sync-period=5s",
  ];
}

/** The scheduler. */
export function schedulerArguments(client: ClientArguments, port: number): string[] {
  return servingArguments(client, port);
}

function servingArguments({ folder, kubeconfig, clientQps }: ClientArguments, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${join(folder, "server.crt")}`,
    `--tls-private-key-file=${join(folder, "server.key")}`,
    "--leader-elect=false",
    ...(clientQps === undefined ? [] : [`--kube-api-qps=${clientQps}`, `--kube-api-burst=${clientQps * 2}`]),
  ];
}

/** The simulated kubelets. */
export function kwokArguments({ folder, kubeconfig }: ClientArguments, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--config=${join(folder, "kwok.yaml")}`,
    // At its default level it writes a line for every change of every pod.
    "--v=WARN",
    // A node that loses this label stops reporting and nothing happens to its pods any more, as on a machine that hangs.
    `--manage-nodes-with-label-selector=${managedNodeLabel}=true`,
    "--cidr=10.244.0.0/16",
    "--node-ip=127.0.0.1",
    `--node-port=${port}`,
    `--server-address=127.0.0.1:${port}`,
    "--node-lease-duration-seconds=40",
    `--tls-cert-file=${join(folder, "server.crt")}`,
    `--tls-private-key-file=${join(folder, "server.key")}`,
  ];
}
