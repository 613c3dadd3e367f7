/** TLS of a Valkey cluster: what its containers get of the certificate's Secret, which is the user's own. */
import type { types } from "@pulumi/kubernetes";
import type { EnvironmentValue } from "../workload/pod.ts";
import { secretVolume } from "./backup-target.ts";
import type { ValkeyTls } from "./valkey-settings.ts";

/** Whether the servers speak TLS, and nothing else, is whether the Secret has a name. */
export interface ValkeySecured {
  tlsSecretName: string;
}

const certificate = { name: "certificate", mountPath: "/certificate", readOnly: true } as const;
const authority = { name: "authority", mountPath: "/authority", readOnly: true } as const;

const files: ValkeyTls = {
  caFile: `${certificate.mountPath}/ca.crt`,
  certFile: `${certificate.mountPath}/tls.crt`,
  keyFile: `${certificate.mountPath}/tls.key`,
};

/** Environment, mounts and volumes; all of them empty without TLS. */
export interface ValkeyTlsParts {
  /** For the settings of the servers. */
  settings: { tls?: ValkeyTls };
  /** For the scripts beside the servers. */
  environment: Record<string, EnvironmentValue>;
  /** Certificate, key and authority: for the servers and those scripts. */
  mounts: { name: string; mountPath: string; readOnly: boolean }[];
  /** Address of the exporter's server, and whom it trusts. */
  exporterEnvironment: Record<string, EnvironmentValue>;
  /** The authority alone: the exporter needs no key. */
  exporterMounts: { name: string; mountPath: string; readOnly: boolean }[];
  volumes: types.input.core.v1.Volume[];
  /** Secrets that the pods name and the program does not make. */
  secrets: string[];
}

/** The parts for one cluster; `hostOf` says the name under which the others reach a pod. */
export function valkeyTls(
  { tlsSecretName }: ValkeySecured,
  port: number,
  hostOf: (pod: string) => string,
): ValkeyTlsParts {
  if (tlsSecretName === "") {
    return {
      settings: {},
      environment: {},
      mounts: [],
      exporterEnvironment: { REDIS_ADDR: `redis://127.0.0.1:${port}` },
      exporterMounts: [],
      volumes: [],
      secrets: [],
    };
  }
  return {
    settings: { tls: files },
    environment: { TLS_CA_FILE: files.caFile, TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile },
    mounts: [certificate],
    exporterEnvironment: {
      POD_NAME: { fieldRef: { fieldPath: "metadata.name" } },
      // By name, as clients call it: no certificate lists 127.0.0.1, and so the exporter can check it.
      REDIS_ADDR: `rediss://${hostOf("$(POD_NAME)")}:${port}`,
      REDIS_EXPORTER_TLS_CA_CERT_FILE: `${authority.mountPath}/ca.crt`,
    },
    exporterMounts: [authority],
    volumes: [
      secretVolume(certificate.name, tlsSecretName, ["tls.crt", "tls.key", "ca.crt"]),
      secretVolume(authority.name, tlsSecretName, ["ca.crt"]),
    ],
    secrets: [tlsSecretName],
  };
}
