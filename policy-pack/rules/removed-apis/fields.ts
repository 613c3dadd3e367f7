/**
 * Fields, annotations and node labels that Kubernetes has deprecated. Sources: the warnings of the API server
 * (k8s.io/kubernetes 1.36, `pkg/api/{pod,node,service,persistentvolume}`) and the comments of k8s.io/api 0.36,
 * `core/v1/types.go`.
 */

/** One old thing. */
export interface OldThing {
  /** Minor of Kubernetes 1.x that deprecated it. */
  since: number;
  /** What to use instead, or what has become of it. */
  instead: string;
}

function old(since: number, instead: string): OldThing {
  return { since, instead };
}

/** Labels of nodes, wherever a pod or a class names one. */
export const nodeLabels: Readonly<Record<string, OldThing>> = {
  "beta.kubernetes.io/arch": old(14, "use kubernetes.io/arch"),
  "beta.kubernetes.io/os": old(14, "use kubernetes.io/os"),
  "beta.kubernetes.io/instance-type": old(17, "use node.kubernetes.io/instance-type"),
  "failure-domain.beta.kubernetes.io/region": old(17, "use topology.kubernetes.io/region"),
  "failure-domain.beta.kubernetes.io/zone": old(17, "use topology.kubernetes.io/zone"),
  "node-role.kubernetes.io/master": old(20, "use node-role.kubernetes.io/control-plane"),
};

/** Annotations of pods. A key that ends in a slash stands for all that start with it. */
export const podAnnotations: Readonly<Record<string, OldThing>> = {
  "pod.alpha.kubernetes.io/init-containers": old(8, "use spec.initContainers"),
  "pod.beta.kubernetes.io/init-containers": old(8, "use spec.initContainers"),
  "security.alpha.kubernetes.io/sysctls": old(11, "use spec.securityContext.sysctls; the annotation does nothing"),
  "security.alpha.kubernetes.io/unsafe-sysctls": old(
    11,
    "use spec.securityContext.sysctls; the annotation does nothing",
  ),
  "scheduler.alpha.kubernetes.io/critical-pod": old(16, "use spec.priorityClassName; the annotation does nothing"),
  "seccomp.security.alpha.kubernetes.io/pod": old(
    19,
    "use securityContext.seccompProfile; the annotation does nothing since 1.27",
  ),
  "container.seccomp.security.alpha.kubernetes.io/": old(
    19,
    "use securityContext.seccompProfile; the annotation does nothing since 1.27",
  ),
  "container.apparmor.security.beta.kubernetes.io/": old(30, "use securityContext.appArmorProfile"),
};

/** Kinds of volumes of pods and of PersistentVolumes. */
export const volumes: Readonly<Record<string, OldThing>> = {
  gitRepo: old(11, "clone in an init container; off by default since 1.33"),
  photonPersistentDisk: old(11, "it does nothing since 1.16"),
  scaleIO: old(16, "it does nothing since 1.22"),
  awsElasticBlockStore: old(17, "use the driver ebs.csi.aws.com"),
  gcePersistentDisk: old(17, "use the driver pd.csi.storage.gke.io"),
  cinder: old(18, "use the driver cinder.csi.openstack.org"),
  azureDisk: old(19, "use the driver disk.csi.azure.com"),
  vsphereVolume: old(19, "use the driver csi.vsphere.vmware.com"),
  azureFile: old(21, "use the driver file.csi.azure.com"),
  flocker: old(22, "it does nothing since 1.25"),
  quobyte: old(22, "it does nothing since 1.25"),
  storageos: old(22, "it does nothing since 1.25"),
  flexVolume: old(23, "use a CSI driver"),
  glusterfs: old(25, "it does nothing since 1.26"),
  portworxVolume: old(25, "use the driver pxd.portworx.com"),
  cephfs: old(28, "it does nothing since 1.31"),
  rbd: old(28, "it does nothing since 1.31"),
};

/** Annotations of objects, by kind. */
export const annotations: Readonly<Record<string, Readonly<Record<string, OldThing>>>> = {
  Ingress: { "kubernetes.io/ingress.class": old(18, "use spec.ingressClassName") },
  Service: {
    "service.alpha.kubernetes.io/tolerate-unready-endpoints": old(11, "use spec.publishNotReadyAddresses"),
    "service.kubernetes.io/topology-aware-hints": old(27, "use spec.trafficDistribution"),
  },
  PersistentVolume: {
    "volume.beta.kubernetes.io/storage-class": old(8, "use spec.storageClassName"),
    "volume.beta.kubernetes.io/mount-options": old(31, "use spec.mountOptions"),
  },
  PersistentVolumeClaim: {
    "volume.alpha.kubernetes.io/storage-class": old(8, "use spec.storageClassName"),
    "volume.beta.kubernetes.io/storage-class": old(8, "use spec.storageClassName"),
  },
  ServiceAccount: { "kubernetes.io/enforce-mountable-secrets": old(32, "use a namespace of its own") },
  StorageClass: {
    "storageclass.beta.kubernetes.io/is-default-class": old(8, "use storageclass.kubernetes.io/is-default-class"),
  },
};

/** Fields of objects, by kind: the path, and the value where only that one is old. */
export const fields: Readonly<Record<string, readonly (OldThing & { path: readonly string[]; value?: string })[]>> = {
  Service: [
    { path: ["spec", "topologyKeys"], ...old(21, "use spec.trafficDistribution; the field is gone since 1.22") },
    { path: ["spec", "loadBalancerIP"], ...old(24, "use the annotation of the provider") },
    { path: ["spec", "trafficDistribution"], value: "PreferClose", ...old(35, "use PreferSameZone") },
    { path: ["spec", "externalIPs"], ...old(36, "use a load balancer or a Gateway") },
  ],
  PersistentVolume: [
    {
      path: ["spec", "persistentVolumeReclaimPolicy"],
      value: "Recycle",
      ...old(11, "provision volumes when they are claimed"),
    },
  ],
};
