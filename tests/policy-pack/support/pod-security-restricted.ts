/** Controls on which the restricted level says more, written from the published text and not from the rules. */
import {
  baseline,
  container,
  contexts,
  type Field,
  hardened,
  linux,
  nodeUsers,
  ownUsers,
  type Row,
  restricted,
  spec,
  windows,
} from "./pod-security-rows.ts";

const ordinaryCapabilities =
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  );
const addings = {
  allowed: [
    undefined,
    {},
    { add: [] },
    { add: ordinaryCapabilities },
    ...ordinaryCapabilities.map((one) => ({ add: [one] })),
  ],
  forbidden: ["NET_RAW", "SYS_ADMIN", "ALL", "CAP_CHOWN", "chown", "BPF"].map((one) => ({ add: ["CHOWN", one] })),
};
const drops = {
  allowed: [
    { drop: ["ALL"] },
    { drop: ["KILL", "ALL"], add: [] },
    { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    { drop: ["ALL"], add: null },
  ],
  forbidden: [
    { drop: [] },
    { drop: ["all"] },
    { drop: ["CAP_ALL"] },
    { drop: ordinaryCapabilities },
    ...["CHOWN", "SYS_ADMIN", "ALL", "net_bind_service"].map((one) => ({ drop: ["ALL"], add: [one] })),
  ],
  missing: [undefined, {}, { add: ["NET_BIND_SERVICE"] }],
};
const capabilityPath = ["securityContext", "capabilities"];

const capabilities = [
  container(capabilityPath, { control: "capabilities", levels: baseline, ...addings }),
  container(capabilityPath, { control: "capabilities", levels: restricted, until: 21, ...addings }),
  container(capabilityPath, { control: "capabilities", levels: restricted, since: 22, ...drops }),
  container(capabilityPath, { control: "capabilities", levels: restricted, since: 25, spec: linux, ...drops }),
  container(capabilityPath, {
    control: "capabilities",
    levels: restricted,
    since: 22,
    until: 24,
    spec: windows,
    ...drops,
  }),
  container(capabilityPath, {
    control: "capabilities",
    levels: restricted,
    since: 25,
    spec: windows,
    allowed: [...drops.allowed, ...drops.forbidden, ...drops.missing],
  }),
  container(capabilityPath, { control: "capabilities", levels: baseline, since: 25, spec: windows, ...addings }),
];

const profiles = {
  allowed: [{ type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "a" }, { type: "Localhost" }],
  forbidden: [{ type: "Unconfined" }, { type: "runtime/default" }, { type: "" }],
  missing: [{}, { localhostProfile: "a" }],
};
const everyProfile = [...profiles.allowed, ...profiles.forbidden, ...profiles.missing];
const seccompKeys = [
  "seccomp.security.alpha.kubernetes.io/pod",
  "container.seccomp.security.alpha.kubernetes.io/app",
] as const;
const noProfile = { seccompProfile: undefined };

const seccomp: Row[] = [
  ...seccompKeys.flatMap((key): Row[] => [
    {
      control: "seccomp",
      owner: "annotations",
      path: [key],
      until: 18,
      allowed: [undefined, "runtime/default", "docker/default", "localhost/", "localhost/a"],
      forbidden: ["", "unconfined", "RuntimeDefault", "docker/default2"],
    },
    { control: "seccomp", owner: "annotations", path: [key], since: 19, allowed: ["", "unconfined"] },
  ]),
  ...contexts(["seccompProfile"], { control: "seccomp", until: 18, allowed: [undefined, null, ...everyProfile] }),
  ...contexts(["seccompProfile"], {
    control: "seccomp",
    levels: baseline,
    since: 19,
    ...profiles,
    allowed: [undefined, null, ...profiles.allowed],
  }),
  container(["securityContext", "seccompProfile"], {
    control: "seccomp",
    levels: restricted,
    since: 19,
    ...profiles,
    allowed: [undefined, null, ...profiles.allowed],
  }),
  spec(["securityContext", "seccompProfile"], {
    control: "seccomp",
    levels: restricted,
    since: 19,
    ...profiles,
    missing: [undefined, null, ...profiles.missing],
  }),
  ...[undefined, linux].map((around) =>
    spec(["containers", "0", "securityContext", "seccompProfile"], {
      control: "seccomp",
      levels: restricted,
      since: 19,
      spec: around,
      context: noProfile,
      ...profiles,
      missing: [undefined, null, ...profiles.missing],
    }),
  ),
  ...contexts(["seccompProfile"], {
    control: "seccomp",
    levels: restricted,
    since: 25,
    spec: windows,
    allowed: [undefined, null, ...everyProfile],
  }),
  spec(["securityContext", "seccompProfile"], {
    control: "seccomp",
    levels: restricted,
    since: 19,
    until: 24,
    spec: windows,
    ...profiles,
    missing: [undefined],
  }),
];

const allowedVolumes =
  "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" ");
const foreignVolumes =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder fc flexVolume flocker gcePersistentDisk gitRepo glusterfs iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume notYetKnown".split(
    " ",
  );
const volume = (...types: string[]) => [
  { name: "a", emptyDir: {} },
  { name: "b", ...Object.fromEntries(types.map((type) => [type, {}])) },
];

const volumes = [
  spec(["volumes"], {
    control: "host-path-volumes",
    also: ["volume-types"],
    allowed: [undefined, null, [], [{ name: "b", hostPath: null }]],
    forbidden: [volume("hostPath"), [{ name: "b", hostPath: { path: "/var/lib/game", type: "Directory" } }]],
  }),
  spec(["volumes"], {
    control: "volume-types",
    allowed: [volume(), ...allowedVolumes.map((type) => volume(type))],
  }),
  spec(["volumes"], {
    control: "volume-types",
    levels: baseline,
    allowed: foreignVolumes.map((type) => volume(type)),
  }),
  spec(["volumes"], {
    control: "volume-types",
    levels: restricted,
    forbidden: foreignVolumes.map((type) => volume(type)),
  }),
];

const escalation = { allowed: [false], forbidden: [true], missing: [undefined, null] };
const escalationPath = ["securityContext", "allowPrivilegeEscalation"];
const everyEscalation = { allowed: [true, false, undefined, null] };

const privilegeEscalation = [
  container(escalationPath, { control: "privilege-escalation", levels: baseline, ...everyEscalation }),
  container(escalationPath, { control: "privilege-escalation", levels: restricted, until: 7, ...everyEscalation }),
  container(escalationPath, { control: "privilege-escalation", levels: restricted, since: 8, ...escalation }),
  container(escalationPath, {
    control: "privilege-escalation",
    levels: restricted,
    since: 8,
    until: 24,
    spec: windows,
    ...escalation,
  }),
  container(escalationPath, {
    control: "privilege-escalation",
    levels: restricted,
    since: 25,
    spec: windows,
    ...everyEscalation,
  }),
];

/** Rows of a control that wants something of the user and that a user namespace relaxes from 1.35. */
function users(row: Omit<Field, "levels">, read: (row: Field) => Row[]): Row[] {
  const all = [...(row.allowed ?? []), ...(row.forbidden ?? []), ...(row.missing ?? [])];
  const open = { allowed: all, forbidden: undefined, missing: undefined };
  const early = row.since === undefined ? [] : [{ ...row, ...open, since: 0, until: row.since - 1 }];
  return [
    { ...row, ...open, levels: baseline, since: 0 },
    ...early.map((one) => ({ ...one, levels: restricted })),
    { ...row, levels: restricted },
    { ...row, levels: restricted, spec: { ...row.spec, ...nodeUsers } },
    { ...row, levels: restricted, spec: { ...row.spec, ...windows } },
    { ...row, levels: restricted, spec: { ...row.spec, ...ownUsers }, until: 34 },
    { ...row, ...open, levels: restricted, spec: { ...row.spec, ...ownUsers }, since: 35 },
  ].flatMap(read);
}

const nonRoot: Row[] = [
  // The pod says true, so a container may say nothing.
  ...users({ control: "run-as-non-root", allowed: [true, undefined, null], forbidden: [false] }, (row) => [
    container(["securityContext", "runAsNonRoot"], row),
  ]),
  // No container says anything, so the pod must.
  ...users({ control: "run-as-non-root", allowed: [true], forbidden: [false], missing: [undefined, null] }, (row) => [
    spec(["securityContext", "runAsNonRoot"], row),
    spec(["containers", "0", "securityContext", "runAsNonRoot"], { ...row, context: { runAsNonRoot: undefined } }),
  ]),
  // Every container says true, and the pod still may not say false.
  ...users({ control: "run-as-non-root", allowed: [true, undefined], forbidden: [false] }, (row) => [
    spec(["securityContext", "runAsNonRoot"], {
      ...row,
      spec: { ...row.spec, containers: [hardened("app", { runAsNonRoot: true })] },
    }),
  ]),
];

const user = users({ control: "run-as-user", since: 23, allowed: [undefined, null, 1, 1000], forbidden: [0] }, (row) =>
  contexts(["runAsUser"], row),
);

/** Controls on which the levels differ. */
export const restrictedRows: readonly Row[] = [
  ...capabilities,
  ...seccomp,
  ...volumes,
  ...privilegeEscalation,
  ...nonRoot,
  ...user,
];
