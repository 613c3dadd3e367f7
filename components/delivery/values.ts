/** Values of Argo CD's chart: nobody may do anything that a project does not allow, and nothing is kept that is not used. */
import type { DeliveryConfig } from "../config/delivery.ts";
import type { Chart, ChartValues } from "../kube/versions.ts";

/** The chart: Argo CD 3.5.3. */
export const argocdChart = {
  name: "argo-cd",
  repository: "https://argoproj.github.io/argo-helm",
  version: "10.9.5",
} as const satisfies Omit<Chart, "namespace">;

/**
 * Health of kinds that Argo CD would otherwise call healthy as soon as they exist, as programs in Lua (argo-cd,
 * operator-manual/health).
 */
export const healthChecks: Readonly<Record<string, string>> = {
  "keda.sh_ScaledObject": `local health = {status = "Progressing", message = "KEDA has not looked at it yet"}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Paused" and condition.status == "True" then
      return {status = "Suspended", message = condition.message}
    end
    if condition.type == "Ready" and condition.status == "True" then
      health = {status = "Healthy", message = condition.message}
    end
    if condition.type == "Ready" and condition.status == "False" then
      health = {status = "Degraded", message = condition.message}
    end
  end
end
return health
`,
  "autoscaling.k8s.io_VerticalPodAutoscaler": `if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "ConfigUnsupported" and condition.status == "True" then
      return {status = "Degraded", message = condition.message}
    end
  end
end
return {status = "Healthy", message = "it recommends and never acts"}
`,
};

function messages({ notifications }: DeliveryConfig["argocd"]): ChartValues {
  if (notifications === undefined) return { enabled: false };
  const text = (what: string) => `{{.app.metadata.name}}: ${what}: {{.app.status.operationState.message}}`;
  const message = (body: string) => `message: |\n  ${body}\n`;
  const trigger = (when: string, template: string) => `- when: ${when}\n  send: [${template}]\n`;
  return {
    enabled: true,
    secret: { create: false, name: notifications.secretName },
    notifiers: { "service.slack": "token: $slack-token\n" },
    templates: {
      "template.sync-failed": message(text("could not be applied")),
      "template.health-degraded": message("{{.app.metadata.name}}: degraded: {{.app.status.health.status}}"),
    },
    triggers: {
      "trigger.on-sync-failed": trigger("app.status.operationState.phase in ['Error', 'Failed']", "sync-failed"),
      "trigger.on-health-degraded": trigger("app.status.health.status == 'Degraded'", "health-degraded"),
    },
  };
}

/** The values. Secrets are referred to by name. */
export function argocdValues(argocd: DeliveryConfig["argocd"]): ChartValues {
  const { sso, highAvailability } = argocd;
  const replicas = highAvailability ? 2 : 1;
  return {
    "redis-ha": { enabled: highAvailability },
    controller: { replicas: 1 },
    server: { replicas },
    repoServer: { replicas },
    applicationSet: { replicas },
    dex: { enabled: false },
    notifications: messages(argocd),
    configs: {
      params: {
        // TLS ends at the gateway, which is the only way in.
        "server.insecure": true,
        // RollingSync is the only way by which an ApplicationSet goes in waves.
        "applicationsetcontroller.enable.progressive.syncs": true,
      },
      rbac: {
        // What no project grants is refused, to people who are logged in too.
        "policy.default": "",
        scopes: "[groups]",
      },
      cm: {
        "admin.enabled": sso === undefined,
        "application.resourceTrackingMethod": "annotation",
        ...(sso === undefined
          ? {}
          : {
              // JSON is YAML in which a client of digits stays text.
              "oidc.config": JSON.stringify({
                name: "SSO",
                issuer: sso.issuer,
                clientID: sso.clientId,
                clientSecret: `$${sso.secretName}:client-secret`,
                requestedScopes: ["openid", "profile", "email", "groups"],
              }),
            }),
        ...Object.fromEntries(
          Object.entries(healthChecks).map(([kind, lua]) => [`resource.customizations.health.${kind}`, lua]),
        ),
      },
    },
  };
}
