/** A real Alertmanager with the shipped configuration. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { Monitoring } from "../../../components/config/monitoring.ts";
import { alertmanagerConfig } from "../../../components/monitoring/alertmanager-config.ts";
import { freePorts } from "../../../lab/ports.ts";
import { type ArchiveServer, debianArchiveServer } from "../../../lab/toolchain/debian-archive.ts";
import { asRoot } from "../../support/backup/programs.ts";
import { fasterAll } from "./faster.ts";
import { orSkip, type Programs } from "./programs.ts";

const run = promisify(execFile);

/** An alert as it is posted to Alertmanager. */
export interface PostedAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** An alert as Alertmanager answers it. */
export interface KnownAlert {
  labels: Record<string, string>;
  fingerprint: string;
  receivers: { name: string }[];
  status: { state: string; inhibitedBy: string[] };
}

/** alertmanager.yml as it ships for these receivers. */
export function shippedConfig(receivers: Record<string, unknown>, region = "us-west") {
  return alertmanagerConfig(Monitoring.parse({ receivers }), { region, quietNamespaces: ["ad-platform-staging"] });
}

/** How a real Alertmanager differs from the shipped one. */
export interface AlertmanagerOptions {
  receivers: Record<string, unknown>;
  /** What each file below the folder of the Secrets holds. */
  secrets: Readonly<Record<string, string>>;
  /** Settings of all receivers, such as the address of PagerDuty, which must not be asked. */
  global?: Readonly<Record<string, string>>;
  /** Whether it may have others of its kind, for which it needs a port. @default false */
  peers?: boolean;
}

/** Program that gives another one a folder for its root; without root, in a namespace of its own. */
const [chroot = "", ...chrootWords] = asRoot ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];

/** Alertmanager, where it can be had and run; the reason is printed where not. */
export function realAlertmanager(): Promise<ArchiveServer | undefined> {
  const find = async () => {
    const server = await debianArchiveServer("alertmanager");
    await run(chroot, [...chrootWords, "/", "true"]);
    return server;
  };
  return orSkip("Alertmanager", find());
}

/**
 * Runs Alertmanager in its unpacked packages as in an image: Debian's finds its templates by an absolute path, and so the
 * shipped paths of Secrets are real too. Only the times differ from what ships.
 */
export async function startAlertmanager(programs: Programs, server: ArchiveServer, options: AlertmanagerOptions) {
  const root = imageOf(server, join(programs.folder, "alertmanager-root"));
  for (const [path, value] of Object.entries(options.secrets)) {
    const file = join(root, "etc/alertmanager/secrets", path);
    mkdirSync(dirname(file), { recursive: true });
    // People write Secrets by `kubectl create --from-file`: the newline is often there.
    writeFileSync(file, `${value}\n`);
  }
  const config = fasterAll({ ...shippedConfig(options.receivers), global: options.global ?? {} });
  writeFileSync(join(root, "etc/alertmanager/alertmanager.yml"), stringify(config));
  const [port, peerPort] = await freePorts(2);
  const address = `http://127.0.0.1:${port}`;
  await programs.start({
    name: "alertmanager",
    file: chroot,
    args: [
      ...chrootWords,
      root,
      "/usr/bin/prometheus-alertmanager",
      "--config.file=/etc/alertmanager/alertmanager.yml",
      "--storage.path=/alertmanager",
      `--web.listen-address=127.0.0.1:${port}`,
      `--cluster.listen-address=${options.peers ? `127.0.0.1:${peerPort}` : ""}`,
    ],
    ready: `${address}/-/ready`,
  });
  return {
    address: `127.0.0.1:${port}`,
    post: async (alerts: readonly PostedAlert[]) => {
      const response = await fetch(`${address}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(alerts),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    alerts: async () => (await (await fetch(`${address}/api/v2/alerts`)).json()) as KnownAlert[],
  };
}

/** A copy of the unpacked packages that a program can have for its root, with the links that an installation makes. */
function imageOf(server: ArchiveServer, root: string): string {
  try {
    execFileSync("cp", ["-al", server.root, root], { stdio: "ignore" });
  } catch {
    // The cache may be on another disk, or belong to somebody else.
    rmSync(root, { recursive: true, force: true });
    execFileSync("cp", ["-a", server.root, root]);
  }
  for (const name of ["lib", "lib64"]) if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name));
  for (const name of ["alertmanager", "etc/alertmanager"]) mkdirSync(join(root, name), { recursive: true });
  return root;
}

/** Runs amtool; answers its output, or throws with it. */
export async function amtool(server: ArchiveServer, ...args: string[]): Promise<string> {
  return (await run(server.programs["tool"] ?? "", args)).stdout.trim();
}
