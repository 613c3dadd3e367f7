/** Pods that cannot break out of their container. */
import type { Family } from "../../core/rule.ts";
import { appArmor } from "./app-armor.ts";
import { capabilities } from "./capabilities.ts";
import { defaultServiceAccount } from "./default-service-account.ts";
import { ephemeralContainers } from "./ephemeral-containers.ts";
import { hostNamespaces } from "./host-namespaces.ts";
import { hostPathVolumes } from "./host-path-volumes.ts";
import { hostPorts } from "./host-ports.ts";
import { hostProbes } from "./host-probes.ts";
import { namespacePodSecurityLabels } from "./namespace-pod-security-labels.ts";
import { privilegeEscalation } from "./privilege-escalation.ts";
import { privileged } from "./privileged.ts";
import { procMount } from "./proc-mount.ts";
import { readOnlyRootFilesystem } from "./read-only-root-filesystem.ts";
import { rootGroup } from "./root-group.ts";
import { runAsNonRoot } from "./run-as-non-root.ts";
import { runAsUser } from "./run-as-user.ts";
import { seLinux } from "./se-linux.ts";
import { seccomp } from "./seccomp.ts";
import { securityException } from "./security-exception.ts";
import { serviceAccountToken } from "./service-account-token.ts";
import { type PodSecuritySettings, podSecuritySchema } from "./settings.ts";
import { sharedProcessNamespace } from "./shared-process-namespace.ts";
import { sysctls } from "./sysctls.ts";
import { volumeTypes } from "./volume-types.ts";
import { windowsHostProcess } from "./windows-host-process.ts";

/** Pod Security Standards, and what people expect beside them. */
export const podSecurity: Family<PodSecuritySettings> = {
  name: "pod-security",
  title: "Pods cannot break out of their container",
  level: "mandatory",
  schema: podSecuritySchema,
  rules: [
    // The baseline level of the standard.
    hostNamespaces,
    privileged,
    capabilities,
    hostPathVolumes,
    hostPorts,
    hostProbes,
    appArmor,
    seLinux,
    procMount,
    seccomp,
    sysctls,
    windowsHostProcess,
    // What the restricted level adds.
    volumeTypes,
    privilegeEscalation,
    runAsNonRoot,
    runAsUser,
    // Beyond the standard.
    readOnlyRootFilesystem,
    serviceAccountToken,
    defaultServiceAccount,
    namespacePodSecurityLabels,
    sharedProcessNamespace,
    rootGroup,
    ephemeralContainers,
    securityException,
  ],
};
