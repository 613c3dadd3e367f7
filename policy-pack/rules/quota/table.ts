/** Every quota of a cluster against what its namespace needs at its largest. */
import type { Cluster } from "../../core/cluster.ts";
import { byNamespace, type DemandSettings, namespaceDemand } from "../../kube/namespace-demand.ts";
import { type KubeObject, nameOf } from "../../kube/objects.ts";
import { formatQuantity, readQuantity, unitOf } from "../../kube/quantities.ts";
import { type DefaultClass, type Need, needOf, type Term } from "../../kube/quota-need.ts";
import { countsPods, isScoped } from "../../kube/quota-scopes.ts";
import type { Field } from "../../kube/tree.ts";

/** One resource of one quota. */
export interface QuotaLine {
  quota: KubeObject;
  namespace: string;
  /** Where the quota says what it grants. */
  field: Field;
  resource: string;
  /** In billionths. */
  hard: bigint;
  need: Need;
  /** `exceeds` where what is known is already too much, `undecidable` where what is not known could be. */
  verdict: "fits" | "exceeds" | "undecidable";
}

/** One line of the table, for people. */
export interface QuotaTableRow {
  namespace: string;
  quota: string;
  resource: string;
  hard: string;
  /** At least, where the verdict is `undecidable`. */
  need: string;
  /** Rounded up, so that 100 is never shown for what does not fit; undefined for a quota of nothing. */
  usedPercent: number | undefined;
  verdict: QuotaLine["verdict"];
  /** The sum behind `need`. */
  sum: string;
}

function defaultOf(cluster: Cluster, kind: string, mark: (object: KubeObject) => Field): DefaultClass {
  const isMarked = (field: Field) => field.value === true || field.text === "true";
  for (const object of cluster.ofKind(kind)) {
    const field = mark(object);
    if (!field.unknown && !isMarked(field)) continue;
    const name = nameOf(object);
    return field.unknown || name === undefined ? { unknown: true } : { name };
  }
  return {};
}

const defaultClass = "storageclass.kubernetes.io/is-default-class";

/** Every resource of every quota whose value is known, by namespace. */
export function quotaLines(cluster: Cluster, settings: DemandSettings): QuotaLine[] {
  const priority = defaultOf(cluster, "PriorityClass", ({ root }) => root.at("globalDefault"));
  const storage = defaultOf(cluster, "StorageClass", ({ root }) => root.at("metadata", "annotations", defaultClass));
  return [...byNamespace(cluster)].flatMap(([namespace, objects]) => {
    const quotas = objects.filter((object) => object.kind === "ResourceQuota" && object.group === "");
    if (namespace === undefined || quotas.length === 0) return [];
    const demand = namespaceDemand(cluster, namespace, settings);
    return quotas.flatMap((quota) => {
      const scoped = isScoped(quota);
      return quota.root
        .at("spec", "hard")
        .entries()
        .flatMap(([resource, field]): QuotaLine[] => {
          const hard = readQuantity(field);
          const need = needOf(demand, resource, {
            ...(scoped ? { counts: (pod) => countsPods(quota, pod, priority) } : {}),
            defaultClass: storage,
          });
          if (typeof hard !== "bigint" || need === undefined) return [];
          const verdict = need.least > hard ? "exceeds" : need.open.length > 0 ? "undecidable" : "fits";
          return [{ quota, namespace, field, resource, hard, need, verdict }];
        });
    });
  });
}

const shownTerms = 8;
const shownReasons = 3;

function termText(resource: string, { name, count, each }: Term): string {
  const [number, amount] = [String(count.least), formatQuantity(resource, each.least)];
  if (count.least === 1) return `${name} ${amount}`;
  return unitOf(resource) === "count" && amount === "1" ? `${name} ${number}` : `${name} ${number} x ${amount}`;
}

/** A need as a sum, the largest terms first: `game-server 126 x 1 + auth-service 16 x 250m`. */
export function sumText({ resource, need }: Pick<QuotaLine, "resource" | "need">): string {
  const value = ({ count, each }: Term) => BigInt(count.least) * each.least;
  const terms = need.terms
    .filter((term) => value(term) > 0n)
    .sort((one, other) => (value(one) < value(other) ? 1 : value(one) > value(other) ? -1 : 0));
  const shown = terms.slice(0, shownTerms).map((term) => termText(resource, term));
  const rest = terms.slice(shownTerms);
  const left = rest.reduce((whole, term) => whole + value(term), 0n);
  if (rest.length > 0) shown.push(`${rest.length} more ${formatQuantity(resource, left)}`);
  return shown.length === 0 ? "0" : shown.join(" + ");
}

/** What is not known of a need. */
export function openText({ open }: Need): string {
  const shown = open.slice(0, shownReasons).join("; ");
  return open.length > shownReasons ? `${shown}; and ${open.length - shownReasons} more` : shown;
}

function usedPercent({ hard, need }: QuotaLine): number | undefined {
  return hard === 0n ? undefined : Number((need.least * 100n + hard - 1n) / hard);
}

/** The complete table of a cluster, for reports. */
export function quotaTable(cluster: Cluster, settings: DemandSettings): QuotaTableRow[] {
  return quotaLines(cluster, settings).map((line) => ({
    namespace: line.namespace,
    quota: nameOf(line.quota) ?? "(name not known yet)",
    resource: line.resource,
    hard: formatQuantity(line.resource, line.hard),
    need: formatQuantity(line.resource, line.need.least),
    usedPercent: usedPercent(line),
    verdict: line.verdict,
    sum: sumText(line),
  }));
}
