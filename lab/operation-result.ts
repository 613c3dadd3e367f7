/** What one run of the engine did, resource by resource, told from its events. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

/** What one run did. Lists hold URNs, each resource in one list. */
export interface OperationResult {
  kind: "preview" | "up" | "refresh" | "destroy";
  provider: "official" | "loopback";
  seconds: number;
  created: string[];
  updated: string[];
  replaced: string[];
  deleted: string[];
  same: string[];
  /** Property paths that changed, by URN. */
  differences: Record<string, string[]>;
  errors: string[];
  warnings: string[];
  violations: { policy: string; enforcement: string; urn: string; message: string }[];
}

const listOf: Readonly<Record<string, "created" | "updated" | "replaced" | "deleted" | "same">> = {
  create: "created",
  import: "created",
  update: "updated",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  delete: "deleted",
  same: "same",
};

/** Collects the events of one run. */
export class ResultCollector {
  readonly #started = Date.now();
  readonly #lists = new Map<string, keyof typeof listOf>();
  readonly #result: OperationResult;

  constructor(kind: OperationResult["kind"], provider: OperationResult["provider"]) {
    this.#result = {
      ...{ kind, provider, seconds: 0, created: [], updated: [], replaced: [], deleted: [], same: [] },
      ...{ differences: {}, errors: [], warnings: [], violations: [] },
    };
  }

  /** Takes one event. */
  add(event: EngineEvent): void {
    const { diagnosticEvent, policyEvent } = event;
    // A preview tells what it would do; a run tells what it has done.
    const step = this.#result.kind === "preview" ? event.resourcePreEvent : event.resOutputsEvent;
    if (step !== undefined) {
      const { op, urn, detailedDiff } = step.metadata;
      const list = listOf[op];
      // A replacement has several steps, and none of them may hide it.
      if (list !== undefined && this.#lists.get(urn) !== "replaced") this.#lists.set(urn, list);
      if (list !== undefined && list !== "same" && detailedDiff) {
        this.#result.differences[urn] = Object.keys(detailedDiff);
      }
    }
    if (diagnosticEvent !== undefined && diagnosticEvent.ephemeral !== true) {
      const { message, severity, urn } = diagnosticEvent;
      const text = `${urn ? `${urn.split("::").at(-1)}: ` : ""}${message.replace(/<\{%.*?%\}>/g, "").trim()}`;
      if (severity === "error") this.#result.errors.push(text);
      if (severity === "warning") this.#result.warnings.push(text);
    }
    if (policyEvent !== undefined) {
      const { policyName, enforcementLevel, resourceUrn, message } = policyEvent;
      this.#result.violations.push({
        policy: policyName,
        enforcement: enforcementLevel,
        urn: resourceUrn ?? "",
        message: message.replace(/<\{%.*?%\}>/g, "").trim(),
      });
    }
  }

  /** What has been collected up to now. */
  result(): OperationResult {
    const result = { ...this.#result, seconds: (Date.now() - this.#started) / 1000 };
    for (const name of ["created", "updated", "replaced", "deleted", "same"] as const) {
      result[name] = [...this.#lists].filter(([, list]) => list === name).map(([urn]) => urn);
    }
    return result;
  }
}

/** The numbers of a run in one line. */
export function summary(result: OperationResult): string {
  const counts = (["created", "updated", "replaced", "deleted", "same"] as const)
    .filter((name) => result[name].length > 0)
    .map((name) => `${result[name].length} ${name}`);
  return `${result.kind}: ${counts.join(", ") || "nothing to do"}, ${result.seconds.toFixed(1)} s`;
}
