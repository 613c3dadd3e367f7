/** Who reaches whom. */
import type { Family } from "../../core/rule.ts";
import { backend } from "./backend.ts";
import { defaultDeny } from "./default-deny.ts";
import { dnsEgress } from "./dns-egress.ts";
import { gatewayTls } from "./gateway-tls.ts";
import { ingressSnippets } from "./ingress-snippets.ts";
import { ingressTls } from "./ingress-tls.ts";
import { loadBalancerSourceRanges } from "./load-balancer-source-ranges.ts";
import { metadataEgress } from "./metadata-egress.ts";
import { openPolicy } from "./open-policy.ts";
import { peerNamespace } from "./peer-namespace.ts";
import { peerSelectsNothing } from "./peer-selects-nothing.ts";
import { policySelectsNothing } from "./policy-selects-nothing.ts";
import { portName } from "./port-name.ts";
import { serviceExposure } from "./service-exposure.ts";
import { servicePort } from "./service-port.ts";
import { serviceTarget } from "./service-target.ts";
import { type NetworkSettings, networkSchema } from "./settings.ts";
import { uniqueHostPath } from "./unique-host-path.ts";
import { wildcardHost } from "./wildcard-host.ts";

/** Network policies, Services, Ingresses and the Gateway API. */
export const network: Family<NetworkSettings> = {
  name: "network",
  title: "Pods reach what they need, and nothing else reaches them",
  level: "mandatory",
  schema: networkSchema,
  rules: [
    defaultDeny,
    dnsEgress,
    openPolicy,
    metadataEgress,
    peerNamespace,
    policySelectsNothing,
    peerSelectsNothing,
    serviceExposure,
    loadBalancerSourceRanges,
    serviceTarget,
    servicePort,
    portName,
    ingressTls,
    gatewayTls,
    ingressSnippets,
    wildcardHost,
    uniqueHostPath,
    backend,
  ],
};
