/** Objects that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

/** A pod of one container, with changes to the container. */
export function pod(container: Manifest = {}, spec: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample" },
    spec: { containers: [{ name: "app", image: "app:1.0.0", ...container }], ...spec },
  };
}

/** A pod whose container has one environment variable. */
export function variable(name: unknown, value: unknown): Manifest {
  return pod({ env: [{ name, value }] });
}

/** The value of `variable`. */
export const firstValue = "spec.containers[0].env[0].value";

/** A ConfigMap. */
export function configMap(data: unknown, more: Manifest = {}): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "sample", namespace: "sample" }, data, ...more };
}

/** A Secret. */
export function secret(more: Manifest = {}, metadata: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "sample", namespace: "sample", ...metadata },
    ...more,
  };
}

// Samples are put together here, so that no scanner of repositories takes this file for a leak.
const random = "f3Zq9Xw7Lp2Rt8Vb4Nc6Md1Ks5Hj0GyUoIeAa3Tz";

/** Texts that have the shape of a credential and open nothing. */
export const samples = {
  awsKey: `AKIA${"IOSFODNN7EXAMPLE"}`,
  github: `ghp_${random.slice(0, 36)}`,
  slack: `xoxb-${"123456789012"}-${random.slice(0, 12)}`,
  stripe: `sk_live_${random.slice(0, 24)}`,
  jwt: `eyJ${random.slice(0, 17)}.eyJ${random.slice(0, 30)}.${random}`,
  privateKey: `-----BEGIN ${"RSA PRIVATE"} KEY-----\n${random}${random}\n-----END ${"RSA PRIVATE"} KEY-----\n`,
  url: `postgres://game:${random.slice(0, 12)}@db:5432/game`,
  random,
};
