/**
 * The Pod Security Standards a second time, as a straightforward evaluator of plain pods whose values are all known. It
 * shares nothing with the rules: neither lists nor ways of reading.
 */

type Maybe<T> = T | null | undefined;
interface Profile {
  type?: Maybe<string>;
}
interface Context {
  privileged?: Maybe<boolean>;
  capabilities?: Maybe<{ add?: Maybe<string[]>; drop?: Maybe<string[]> }>;
  allowPrivilegeEscalation?: Maybe<boolean>;
  procMount?: Maybe<string>;
  appArmorProfile?: Maybe<Profile>;
  seccompProfile?: Maybe<Profile>;
  seLinuxOptions?: Maybe<{ type?: Maybe<string>; user?: Maybe<string>; role?: Maybe<string> }>;
  windowsOptions?: Maybe<{ hostProcess?: Maybe<boolean> }>;
  runAsUser?: Maybe<number>;
  runAsNonRoot?: Maybe<boolean>;
  sysctls?: Maybe<{ name?: Maybe<string> }[]>;
}
type Call = Maybe<{ httpGet?: Maybe<{ host?: Maybe<string> }>; tcpSocket?: Maybe<{ host?: Maybe<string> }> }>;
interface Container {
  securityContext?: Maybe<Context>;
  ports?: Maybe<{ hostPort?: Maybe<number> }[]>;
  livenessProbe?: Call;
  readinessProbe?: Call;
  startupProbe?: Call;
  lifecycle?: Maybe<{ postStart?: Call; preStop?: Call }>;
}
/** The parts of a pod that the standard reads. */
export interface PlainPod {
  metadata?: { annotations?: Record<string, string> };
  spec?: {
    hostNetwork?: Maybe<boolean>;
    hostPID?: Maybe<boolean>;
    hostIPC?: Maybe<boolean>;
    hostUsers?: Maybe<boolean>;
    os?: Maybe<{ name?: Maybe<string> }>;
    securityContext?: Maybe<Context>;
    volumes?: Maybe<Record<string, unknown>[]>;
    initContainers?: Container[];
    containers?: Container[];
    ephemeralContainers?: Container[];
  };
}

const baselineAdd =
  /^(AUDIT_WRITE|CHOWN|DAC_OVERRIDE|FOWNER|FSETID|KILL|MKNOD|NET_BIND_SERVICE|SETFCAP|SETGID|SETPCAP|SETUID|SYS_CHROOT)$/;
const volumeSources =
  /^(name|configMap|downwardAPI|emptyDir|projected|secret|csi|persistentVolumeClaim|ephemeral|image)$/;

function safeSysctl(name: string, minor: number): boolean {
  if (/^kernel\.shm_rmid_forced$|^net\.ipv4\.(ip_local_port_range|tcp_syncookies)$/.test(name)) return true;
  if (/^net\.ipv4\.(ping_group_range|ip_unprivileged_port_start)$/.test(name)) return true;
  if (minor > 26 && name === "net.ipv4.ip_local_reserved_ports") return true;
  if (minor > 28 && /^net\.ipv4\.tcp_(keepalive_(time|intvl|probes)|fin_timeout)$/.test(name)) return true;
  if (minor > 31 && /^net\.ipv4\.tcp_[rw]mem$/.test(name)) return true;
  return minor > 36 && /^net\.ipv4\.tcp_(slow_start_after_idle|notsent_lowat)$/.test(name);
}

function goodProfile(profile: Profile): boolean {
  return profile.type === "RuntimeDefault" || profile.type === "Localhost";
}

/** Ids of the rules of the standard that a pod breaks at a level and minor version, sorted. */
export function brokenControls(pod: PlainPod, restricted: boolean, minor: number): string[] {
  const spec = pod.spec ?? {};
  const annotations = Object.entries(pod.metadata?.annotations ?? {});
  const containers = [spec.initContainers, spec.containers, spec.ephemeralContainers].flatMap((l) => l ?? []);
  const podContext: Context = spec.securityContext ?? {};
  const contexts = containers.map((one): Context => one.securityContext ?? {});
  const all: Context[] = [podContext, ...contexts];
  const isWindows = minor >= 25 && spec.os?.name === "windows";
  const ownUsers = minor >= 35 && spec.hostUsers === false;
  const broken = new Set<string>();
  const must = (control: string, holds: boolean) => {
    if (!holds) broken.add(control);
  };

  must("host-namespaces", !spec.hostNetwork && !spec.hostPID && !spec.hostIPC);
  for (const context of contexts) {
    must("privileged", !context.privileged);
    const { add, drop } = context.capabilities ?? {};
    if (!restricted || minor < 22) {
      for (const one of add ?? []) must("capabilities", baselineAdd.test(one));
    } else if (!isWindows) {
      must(
        "capabilities",
        (drop ?? []).some((one) => one === "ALL"),
      );
      for (const one of add ?? []) must("capabilities", one === "NET_BIND_SERVICE");
    }
    if (restricted && minor >= 8 && !isWindows) {
      must("privilege-escalation", context.allowPrivilegeEscalation === false);
    }
    const masked = (context.procMount ?? "Default") === "Default";
    must("proc-mount", masked || (ownUsers && !restricted));
  }
  for (const volume of spec.volumes ?? []) {
    must("host-path-volumes", volume.hostPath == null);
    const sources = Object.keys(volume).filter((key) => key !== "name" && volume[key] != null);
    const known = sources.filter((key) => volumeSources.test(key));
    must("volume-types", !restricted || sources.length === 0 || known.length > 0);
  }
  for (const one of containers) {
    for (const port of one.ports ?? []) must("host-ports", !port.hostPort);
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = one;
    for (const call of [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]) {
      must("host-probes", minor < 34 || (!call?.httpGet?.host && !call?.tcpSocket?.host));
    }
  }
  for (const [key, value] of annotations) {
    if (key.startsWith("container.apparmor.security.beta.kubernetes.io/")) {
      must("app-armor", value === "" || value === "runtime/default" || /^localhost\//.test(value));
    }
    if (minor < 19 && /^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//.test(key)) {
      must("seccomp", /^((runtime|docker)\/default$|localhost\/)/.test(value));
    }
  }
  for (const context of all) {
    must("app-armor", context.appArmorProfile == null || goodProfile(context.appArmorProfile));
    const { type, user, role } = context.seLinuxOptions ?? {};
    const types = minor >= 31 ? /^(|container_(t|init_t|kvm_t|engine_t))$/ : /^(|container_(t|init_t|kvm_t))$/;
    must("se-linux", types.test(type ?? "") && !user && !role);
    must("windows-host-process", !context.windowsOptions?.hostProcess);
    must("run-as-user", !restricted || minor < 23 || ownUsers || context.runAsUser !== 0);
    if (minor >= 19 && !(restricted && isWindows)) {
      must("seccomp", context.seccompProfile == null || goodProfile(context.seccompProfile));
    }
  }
  for (const one of podContext.sysctls ?? []) must("sysctls", safeSysctl(one.name ?? "", minor));
  if (restricted && !ownUsers) {
    must("run-as-non-root", podContext.runAsNonRoot !== false);
    for (const context of contexts) {
      must("run-as-non-root", (context.runAsNonRoot ?? podContext.runAsNonRoot ?? false) === true);
    }
  }
  if (restricted && minor >= 19 && !isWindows) {
    for (const context of contexts) must("seccomp", (context.seccompProfile ?? podContext.seccompProfile) != null);
  }
  return [...broken].sort();
}
