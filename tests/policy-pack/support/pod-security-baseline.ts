/** The baseline level of the Pod Security Standards, written from the published text and not from the rules. */
import {
  baseline,
  container,
  contexts,
  flag,
  nodeUsers,
  ownUsers,
  type Row,
  restricted,
  spec,
  windows,
} from "./pod-security-rows.ts";

const handlers = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
].flatMap((handler) => ["httpGet", "tcpSocket"].map((action) => [...handler, action, "host"]));
const hosts = ["example.com", "127.0.0.1", "::1", "localhost", " "];

const hostFields = handlers.flatMap((path) => [
  container(path, { control: "host-probes", until: 33, allowed: hosts }),
  container(path, { control: "host-probes", since: 34, allowed: [undefined, null, ""], forbidden: hosts }),
]);

const seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t"];

const seLinux = [
  ...contexts(["seLinuxOptions", "type"], {
    control: "se-linux",
    until: 30,
    allowed: [undefined, null, ...seLinuxTypes],
    forbidden: ["container_engine_t", "spc_t", "CONTAINER_T", "unconfined_t"],
  }),
  ...contexts(["seLinuxOptions", "type"], {
    control: "se-linux",
    since: 31,
    allowed: [...seLinuxTypes, "container_engine_t"],
    forbidden: ["spc_t", "container_file_t"],
  }),
  ...["user", "role"].flatMap((key) =>
    contexts(["seLinuxOptions", key], { control: "se-linux", allowed: [undefined, ""], forbidden: ["system_u", "a"] }),
  ),
  ...contexts(["seLinuxOptions", "level"], { control: "se-linux", allowed: ["s0:c1,c2"] }),
];

const mounts = { allowed: [undefined, null, "Default"], forbidden: ["Unmasked", "default", ""] };
const mountPath = ["securityContext", "procMount"];

const procMount = [
  container(mountPath, { control: "proc-mount", ...mounts }),
  container(mountPath, { control: "proc-mount", spec: nodeUsers, ...mounts }),
  container(mountPath, { control: "proc-mount", until: 34, spec: ownUsers, ...mounts }),
  container(mountPath, {
    control: "proc-mount",
    levels: baseline,
    since: 35,
    spec: ownUsers,
    allowed: [...mounts.allowed, ...mounts.forbidden],
  }),
  container(mountPath, { control: "proc-mount", levels: restricted, since: 35, spec: ownUsers, ...mounts }),
];

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const appArmor: Row[] = [
  ...["app", "other", ""].map(
    (suffix): Row => ({
      control: "app-armor",
      owner: "annotations",
      path: [`${appArmorPrefix}${suffix}`],
      allowed: [undefined, "", "runtime/default", "localhost/", "localhost/game"],
      forbidden: ["unconfined", "runtime/default ", "Runtime/Default", "docker/default", "localhost"],
    }),
  ),
  { control: "app-armor", owner: "annotations", path: ["apparmor.example.com/app"], allowed: ["unconfined"] },
  ...contexts(["appArmorProfile"], {
    control: "app-armor",
    allowed: [
      undefined,
      null,
      { type: "RuntimeDefault" },
      { type: "Localhost", localhostProfile: "game" },
      { type: "Localhost" },
    ],
    forbidden: [{ type: "Unconfined" }, { type: "runtimedefault" }, { type: "" }],
    missing: [{}, { localhostProfile: "game" }],
  }),
];

const sysctlVersions = [
  [
    0,
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start",
  ],
  [27, "net.ipv4.ip_local_reserved_ports"],
  [
    29,
    "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
  ],
  [32, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"],
  [37, "net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat"],
] as const;
const sysctl = (name?: string) => [
  { name: "net.ipv4.tcp_syncookies", value: "1" },
  { name, value: "1" },
];
const sysctlPath = ["securityContext", "sysctls"];

const sysctls = [
  spec(sysctlPath, {
    control: "sysctls",
    allowed: [undefined, null, []],
    forbidden: ["kernel.msgmax", "net.ipv4.ip_forward", "net/ipv4/tcp_syncookies", "NET.IPV4.TCP_SYNCOOKIES", ""].map(
      sysctl,
    ),
    missing: [sysctl()],
  }),
  ...sysctlVersions.flatMap(([since, names]) =>
    names
      .split(" ")
      .flatMap((name) => [
        spec(sysctlPath, { control: "sysctls", since, allowed: [sysctl(name)] }),
        ...(since === 0 ? [] : [spec(sysctlPath, { control: "sysctls", until: since - 1, forbidden: [sysctl(name)] })]),
      ]),
  ),
];

/** Controls that both levels have alike. */
export const baselineRows: readonly Row[] = [
  ...["hostNetwork", "hostPID", "hostIPC"].map((key) => spec([key], { control: "host-namespaces", ...flag })),
  container(["securityContext", "privileged"], { control: "privileged", ...flag }),
  container(["ports"], {
    control: "host-ports",
    allowed: [undefined, [], [{ containerPort: 1 }], [{ containerPort: 1, hostPort: 0 }]],
    forbidden: [[{ containerPort: 1 }, { containerPort: 2, hostPort: 2 }], [{ containerPort: 1, hostPort: 65535 }]],
  }),
  ...hostFields,
  ...appArmor,
  ...seLinux,
  ...procMount,
  ...sysctls,
  ...contexts(["windowsOptions", "hostProcess"], { control: "windows-host-process", ...flag }),
  ...contexts(["windowsOptions", "hostProcess"], { control: "windows-host-process", spec: windows, ...flag }),
];
