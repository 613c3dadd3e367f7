// Reads a kubeconfig: where the API server is and how to prove who we are. Certificates, tokens and passwords only.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/** What a connection to an API server needs. */
export interface Connection {
  server: string;
  namespace: string;
  authorization?: string;
  ca?: Buffer;
  certificate?: Buffer;
  key?: Buffer;
  checkCertificate: boolean;
}

interface Named<Key extends string> {
  clusters?: (Record<"name", string> & { cluster?: Record<Key, unknown> })[];
  users?: (Record<"name", string> & { user?: Record<Key, unknown> })[];
  contexts?: (Record<"name", string> & { context?: Record<Key, unknown> })[];
  "current-context"?: string;
}

/** Takes a path, or the content of a kubeconfig, or nothing for KUBECONFIG and the usual place. */
export function loadConnection(kubeconfig: string | undefined, context: string | undefined): Connection {
  const { text, folder } = read(kubeconfig);
  const config = parse(text) as Named<string> | null;
  if (config === null || typeof config !== "object") throw new Error("the kubeconfig has no content");
  const wanted = context ?? config["current-context"];
  const found = config.contexts?.find(({ name }) => name === wanted)?.context;
  if (found === undefined) throw new Error(`the kubeconfig has no context "${wanted ?? ""}"`);
  const cluster = config.clusters?.find(({ name }) => name === found.cluster)?.cluster;
  if (typeof cluster?.server !== "string")
    throw new Error(`context "${wanted}": no cluster "${String(found.cluster)}"`);
  const user = config.users?.find(({ name }) => name === found.user)?.user ?? {};
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    throw new Error(`context "${wanted}": the loopback provider knows certificates, tokens and passwords only`);
  }
  return {
    server: cluster.server.replace(/\/$/, ""),
    namespace: typeof found.namespace === "string" ? found.namespace : "default",
    authorization: authorization(user, folder),
    ca: bytes(cluster, "certificate-authority", folder),
    certificate: bytes(user, "client-certificate", folder),
    key: bytes(user, "client-key", folder),
    checkCertificate: cluster["insecure-skip-tls-verify"] !== true,
  };
}

function read(kubeconfig: string | undefined): { text: string; folder: string } {
  const given = kubeconfig === undefined || kubeconfig === "" ? usualPlace() : kubeconfig;
  if (/[\n{]/.test(given)) return { text: given, folder: process.cwd() };
  return { text: readFileSync(given, "utf8"), folder: dirname(resolve(given)) };
}

function usualPlace(): string {
  // KUBECONFIG may list several files; the first one is enough for a lab.
  return process.env.KUBECONFIG?.split(":").find((path) => path !== "") ?? join(homedir(), ".kube", "config");
}

function authorization(user: Record<string, unknown>, folder: string): string | undefined {
  if (typeof user.token === "string") return `Bearer ${user.token}`;
  if (typeof user.tokenFile === "string")
    return `Bearer ${readFileSync(resolve(folder, user.tokenFile), "utf8").trim()}`;
  if (typeof user.username === "string") {
    return `Basic ${Buffer.from(`${user.username}:${String(user.password ?? "")}`).toString("base64")}`;
  }
  return undefined;
}

function bytes(entry: Record<string, unknown>, name: string, folder: string): Buffer | undefined {
  const data = entry[`${name}-data`];
  if (typeof data === "string") return Buffer.from(data, "base64");
  const path = entry[name];
  return typeof path === "string" ? readFileSync(resolve(folder, path)) : undefined;
}
