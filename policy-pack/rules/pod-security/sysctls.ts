import type { PodRule } from "../../core/rule.ts";
import { pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

interface SysctlDemand extends Demand {
  names: readonly string[];
}

// What each version added; earlier ones stay.
const added: readonly { since: number; names: readonly string[] }[] = [
  {
    since: 0,
    names: [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
      "net.ipv4.ip_unprivileged_port_start",
    ],
  },
  { since: 27, names: ["net.ipv4.ip_local_reserved_ports"] },
  {
    since: 29,
    names: [
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
    ],
  },
  { since: 32, names: ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"] },
  { since: 37, names: ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"] },
];

const demands: readonly SysctlDemand[] = added.map(({ since }, index) => ({
  level: "baseline",
  since,
  names: added.slice(0, index + 1).flatMap(({ names }) => names),
}));

function sysctl(...names: string[]): readonly [ReturnType<typeof pod>] {
  return [pod({}, { sysctls: names.map((name) => ({ name, value: "1" })) })];
}

/** Pod Security Standards, baseline, "Sysctls". */
export const sysctls: PodRule<PodSecuritySettings> = {
  id: "sysctls",
  subject: "pod",
  level: "mandatory",
  title: "Pods change only the kernel settings that are theirs alone.",
  why: "Other settings hold for the whole node: they take memory or protection from every pod there.",
  fix: "remove the sysctl, or set it for the nodes",
  check(template, report, settings) {
    judge(demands, template, report, settings, ({ names }, own) => {
      for (const one of template.spec.at("securityContext", "sysctls").items()) {
        own.check(
          one.at("name"),
          (value) => typeof value === "string" && names.includes(value),
          `the standard of ${settings.version} does not list this sysctl as safe`,
        );
      }
    });
  },
  good: added.map(({ since, names }) => ({
    name: `all that 1.${since} added`,
    objects: sysctl(...names),
    settings: { version: `1.${since}` },
  })),
  bad: [
    {
      name: "a setting of the node",
      objects: sysctl("net.ipv4.tcp_syncookies", "kernel.msgmax"),
      expect: [{ path: "spec.securityContext.sysctls[1].name" }],
    },
    {
      name: "the kernel's own way of writing it is not the standard's",
      objects: sysctl("net/ipv4/tcp_syncookies"),
      expect: [{ path: "spec.securityContext.sysctls[0].name" }],
    },
    ...added.slice(1).map(({ since, names: [name = ""] }) => ({
      name: `${name} before 1.${since}`,
      objects: sysctl(name),
      settings: { version: `1.${since - 1}` },
      expect: [{ path: "spec.securityContext.sysctls[0].name" }],
    })),
  ],
};
