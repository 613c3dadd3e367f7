/** Rights that let their holder become somebody else. Source: kubernetes.io, "RBAC Good Practices". */

/** A right, and what it leads to. */
export interface DangerousRight {
  groups: readonly string[];
  /** Exact names, as RBAC compares them. */
  resources: readonly string[];
  verbs: readonly string[];
  leadsTo: string;
}

const rbac = "rbac.authorization.k8s.io";

// Calls of a proxy or an exec carry the verb of their HTTP method; websockets start with a GET.
const anyMethod = ["get", "create", "update", "patch", "delete"];

/** The list, from the worst on. */
export const dangerousRights: readonly DangerousRight[] = [
  {
    groups: [rbac],
    resources: ["roles", "clusterroles"],
    verbs: ["bind", "escalate"],
    leadsTo: "give itself any right",
  },
  {
    groups: [""],
    resources: ["users", "groups", "serviceaccounts"],
    verbs: ["impersonate"],
    leadsTo: "act as somebody else",
  },
  {
    groups: ["authentication.k8s.io"],
    resources: ["uids", "userextras"],
    verbs: ["impersonate"],
    leadsTo: "act as somebody else",
  },
  {
    groups: [""],
    resources: ["serviceaccounts/token"],
    verbs: ["create"],
    leadsTo: "get the identity of other accounts",
  },
  {
    groups: [""],
    resources: ["secrets"],
    verbs: ["get", "list", "watch"],
    leadsTo: "read Secrets, which list does too",
  },
  { groups: [""], resources: ["nodes/proxy"], verbs: anyMethod, leadsTo: "run commands in every pod of a node" },
  {
    groups: [""],
    resources: ["pods/exec", "pods/attach", "pods/portforward"],
    verbs: ["get", "create"],
    leadsTo: "get into running pods",
  },
  {
    groups: [""],
    resources: ["pods/ephemeralcontainers"],
    verbs: ["update", "patch"],
    leadsTo: "start containers in running pods",
  },
  {
    groups: [""],
    resources: ["pods"],
    verbs: ["create"],
    leadsTo: "run pods with any account and Secret of the namespace",
  },
  {
    groups: ["certificates.k8s.io"],
    resources: ["certificatesigningrequests/approval"],
    verbs: ["update", "patch"],
    leadsTo: "issue itself a certificate of any user",
  },
  {
    groups: ["certificates.k8s.io"],
    resources: ["signers"],
    verbs: ["approve", "sign"],
    leadsTo: "issue itself a certificate of any user",
  },
  {
    groups: ["admissionregistration.k8s.io"],
    resources: [
      "mutatingwebhookconfigurations",
      "validatingwebhookconfigurations",
      "mutatingadmissionpolicies",
      "mutatingadmissionpolicybindings",
      "validatingadmissionpolicies",
      "validatingadmissionpolicybindings",
    ],
    verbs: ["create", "update", "patch", "delete", "deletecollection"],
    leadsTo: "read and change what everyone writes, or switch off its checks",
  },
];
