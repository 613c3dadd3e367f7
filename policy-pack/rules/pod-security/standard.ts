/**
 * How the Pod Security Standards change with level and version (kubernetes.io, "Pod Security Standards", and the
 * admission library of the same name). A control says its demands as data, oldest first and restricted last; the last
 * one that is in force decides, so a restricted demand takes the place of the baseline one that it sharpens.
 */
import type { Place, Report } from "../../core/rule.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { Field } from "../../kube/tree.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** What a control wants from a version on. */
export interface Demand {
  /** Lowest level that wants it; restricted wants all that baseline wants. */
  level: PodSecuritySettings["level"];
  /** Minor version of Kubernetes 1 from which it holds. */
  since: number;
  /** Pods that it does not bind. */
  excused?: Excuse;
}

/** Why a demand does not bind a pod. */
export type Excuse = "windows" | "user-namespaces";

// Windows knows no Linux capabilities, profiles or privilege escalation; root of a user namespace is nobody outside.
const excuses: Readonly<Record<Excuse, { path: readonly string[]; value: string | boolean }>> = {
  windows: { path: ["os", "name"], value: "windows" },
  "user-namespaces": { path: ["hostUsers"], value: false },
};

/** Minor version of `1.36` or `v1.36`; undefined for anything else. */
export function minorOf(version: string): number | undefined {
  const minor = /^v?1\.(0|[1-9]\d{0,3})$/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** The demand that decides at the level and version of the settings; undefined before there is any. */
export function inForce<D extends Demand>(demands: readonly D[], settings: PodSecuritySettings): D | undefined {
  const minor = minorOf(settings.version) ?? 0;
  return demands.findLast(
    ({ level, since }) => since <= minor && (level === "baseline" || settings.level === "restricted"),
  );
}

/** Checks a pod against the demand in force, if there is one and the pod is not excused from it. */
export function judge<D extends Demand>(
  demands: readonly D[],
  pod: PodTemplate,
  report: Report,
  settings: PodSecuritySettings,
  check: (demand: D, report: Report) => void,
): void {
  const demand = inForce(demands, settings);
  if (demand !== undefined) unlessExcused(demand.excused, pod, report, (own) => check(demand, own));
}

/** Checks a pod unless it is excused. Where a preview does not know whether it is, nothing is a violation. */
export function unlessExcused(
  excuse: Excuse | undefined,
  pod: PodTemplate,
  report: Report,
  check: (report: Report) => void,
): void {
  if (excuse === undefined) {
    check(report);
    return;
  }
  const { path, value } = excuses[excuse];
  const field = pod.spec.at(...path);
  if (field.unknown) check(perhapsExcused(field, pod, report));
  else if (field.value !== value) check(report);
}

function perhapsExcused(excuse: Field, pod: PodTemplate, report: Report): Report {
  return {
    today: report.today,
    violated: () => report.undecidable(excuse),
    undecidable: (at, message) => report.undecidable(at, message),
    check(at: Place, allowed) {
      const field = at instanceof Field ? at : at.field;
      if (field.unknown) report.undecidable(at);
      else if (field.absent && pod.object.partial) return;
      else if (!allowed(field.absent ? undefined : field.value)) report.undecidable(excuse);
    },
  };
}
