/** Everything that one preview knows, whatever form it is shown in. */
import type { PlatformPlan } from "../../components/plan.ts";
import type { Finding } from "../../policy-pack/core/finding.ts";
import { describe } from "../../policy-pack/kube/objects.ts";
import type { OfflineRun } from "../offline/host.ts";
import { isKubernetesObject } from "../offline/inventory.ts";
import type { Judgement } from "../policies/judgement.ts";
import { count } from "../table.ts";
import type { Changes } from "./change.ts";
import { detailsOf, detailText, sharedChanges } from "./change-rows.ts";
import type { EngineSteps } from "./engine-steps.ts";

/** What is shown. */
export interface Preview {
  plan: PlatformPlan;
  run: OfflineRun;
  judgement: Judgement;
  /** What differs from another revision. */
  changes?: Changes;
  /** What the engine itself would do. */
  engine?: EngineSteps;
}

/** Something that a person should look at before anything is applied. */
export interface Danger {
  /** In one word, for example `replaced`. */
  what: string;
  /** The object, rule or region. */
  subject: string;
  why: string;
}

/** The totals of a stack. */
export function totals({ plan, run }: Preview): string[] {
  return [
    count(plan.regions.length, "region"),
    count(run.resources.length, "resource"),
    count(run.resources.filter(isKubernetesObject).length, "Kubernetes object"),
  ];
}

/** Each mandatory rule that is broken, once. */
function refusals({ findings }: Judgement): Danger[] {
  const rules = new Map<string, Finding[]>();
  for (const finding of findings.filter(({ level }) => level === "mandatory")) {
    const known = rules.get(finding.rule);
    if (known === undefined) rules.set(finding.rule, [finding]);
    else known.push(finding);
  }
  return [...rules].map(([rule, [first, ...others]]) => {
    const where = first === undefined ? "" : `${describe(first.object)}: ${first.message}`;
    return { what: "refused", subject: rule, why: others.length === 0 ? where : `${where}; and ${others.length} more` };
  });
}

/** What is dangerous, the gravest first. */
export function dangersOf({ plan, judgement, changes }: Preview): Danger[] {
  const graves = sharedChanges(changes?.objects ?? []).filter(
    ({ fate, notes }) => fate === "replaced" || fate === "removed" || notes.includes("loses its protection"),
  );
  return [
    ...graves.map((change) => ({
      what: change.fate === "changed" ? "unprotected" : change.fate,
      subject: `${change.kind} ${change.name}`,
      why: [change.regions.join(", "), ...detailsOf(change, 0).map(detailText)].filter(Boolean).join("; "),
    })),
    ...refusals(judgement),
    ...plan.losses
      .filter(({ fits }) => !fits)
      .map(({ lost, players, room }) => ({
        what: "too small",
        subject: `region ${lost}`,
        why: `if it is lost, the others hold ${room} of ${players} planned players`,
      })),
  ];
}

/** Says that nothing is dangerous, and what that rests on. */
export function calm({ changes, engine }: Preview): string {
  const nothing = "No mandatory rule is broken, and no region is too small for the loss of another.";
  if (changes !== undefined) return `Nothing is replaced or removed. ${nothing}`;
  const unknown = "What an update would replace or remove is not known here: nothing was compared.";
  return engine === undefined ? `${nothing} ${unknown}` : nothing;
}
