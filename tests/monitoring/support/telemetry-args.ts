/** Arguments of the configurations of traces and logs, as a region of the tests has them. */
import { Monitoring } from "../../../components/config/monitoring.ts";
import type { AgentConfigurationArgs } from "../../../components/monitoring/agent/agent-config.ts";

/** The defaults of `monitoring`. */
export const monitoring = Monitoring.parse({});

/** The agent of a region, changed. */
export function agentArgs(changes: Partial<AgentConfigurationArgs> = {}): AgentConfigurationArgs {
  return {
    region: "us-east",
    agentsNamespace: "monitoring-agents",
    gatewayHost: "otel-gateway.monitoring.svc",
    lokiUrl: "http://loki.monitoring.svc:3100",
    logs: monitoring.logs,
    gameNamespace: "mmorpg-game",
    worlds: ["game-world-servers"],
    ...changes,
  };
}

/** The agent of a region whose logs go to a service of the user's own. */
export const foreignLogs = agentArgs({
  logs: {
    ...monitoring.logs,
    store: { kind: "otlp", endpoint: "https://otlp.example.com", secretName: "logs-login" },
  },
});
