/** Pods of the Pod Security Standards: for each value of each row one that is valid but for that value. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { baselineRows } from "./pod-security-baseline.ts";
import { restrictedRows } from "./pod-security-restricted.ts";
import { hardened, type Level, newest, type Row } from "./pod-security-rows.ts";

/** Every row of the standard. */
export const standard: readonly Row[] = [...baselineRows, ...restrictedRows];

/** Both levels. */
export const levels: readonly Level[] = ["baseline", "restricted"];

/** Minor versions of Kubernetes 1 whose standards are known. */
export const versions: readonly number[] = Array.from({ length: newest + 1 }, (_, minor) => minor);

/** Names of the controls that have rows. */
export const controls: readonly string[] = [...new Set(standard.map((row) => row.control))];

/** A pod, and the rules that must speak about it. */
export interface Fixture {
  name: string;
  level: Level;
  version: number;
  pod: Manifest;
  /** Ids of the rules that it breaks, sorted; none for a good pod. */
  broken: readonly string[];
  /** What is wrong is that something is missing. */
  lacking: boolean;
}

type Mutable = { [key: string]: unknown };

/** Sets a value below an object, making the objects on the way. */
export function setAt(target: unknown, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  const holder = target as Mutable;
  if (rest.length === 0) {
    holder[key] = value;
    return;
  }
  holder[key] ??= {};
  setAt(holder[key], rest, value);
}

/** A pod that every rule of the family accepts, with a container in a list of one's choice. */
export function goodPod(row: Pick<Row, "spec" | "context">, list = "containers"): Manifest {
  const others = list === "containers" ? {} : { [list]: [hardened("extra")] };
  return structuredClone({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample", annotations: {} },
    spec: {
      serviceAccountName: "sample",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...row.context },
      ...others,
      containers: [hardened("app")],
      ...row.spec,
    },
  });
}

const lists = ["containers", "initContainers", "ephemeralContainers"];

// Where a row's field stands in a pod: once, or once in each list of containers.
function places(row: Row): { list: string; path: readonly string[] }[] {
  if (row.owner === "container") return lists.map((list) => ({ list, path: ["spec", list, "0", ...row.path] }));
  const above = row.owner === "spec" ? ["spec"] : ["metadata", "annotations"];
  return [{ list: "containers", path: [...above, ...row.path] }];
}

function brokenBy(row: Row, level: Level, list: string, good: boolean): string[] {
  // Nobody creates a pod with ephemeral containers, and the family says so.
  const always = list === "ephemeralContainers" ? ["ephemeral-containers"] : [];
  const also = level === "restricted" ? (row.also ?? []) : [];
  return [...always, ...(good ? [] : [row.control, ...also])].sort();
}

/** Every fixture of a control at a level and a version. */
export function fixtures(control: string, level: Level, version: number): Fixture[] {
  return standard
    .filter((row) => row.control === control && (row.levels ?? levels).includes(level))
    .filter(({ since = 0, until = newest }) => since <= version && version <= until)
    .flatMap((row) => places(row).flatMap((place) => fixturesAt(row, place, level, version)));
}

function fixturesAt(
  row: Row,
  { list, path }: { list: string; path: readonly string[] },
  level: Level,
  version: number,
): Fixture[] {
  return (["allowed", "forbidden", "missing"] as const).flatMap((group) =>
    (row[group] ?? []).map((value) => {
      const pod = goodPod(row, list);
      setAt(pod, path, value);
      return {
        name: `${path.join(".")}: ${JSON.stringify(value)}${row.spec === undefined ? "" : ` with ${JSON.stringify(row.spec)}`}`,
        level,
        version,
        pod,
        broken: brokenBy(row, level, list, group === "allowed"),
        lacking: group === "missing",
      };
    }),
  );
}
