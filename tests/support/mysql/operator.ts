/**
 * What the MySQL operator (26.7.0-2.3.0) makes of an InnoDBCluster, as far as our spec changes it: its own pod with the
 * parts of `podSpec` merged in by name. The containers, users and contexts are those of its source.
 */

/** A part of a Kubernetes object. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An object. */
export type JsonObject = { [key: string]: Json };

const hardened = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The operator's merge: objects key by key, lists of named objects by name, anything else is replaced. */
export function merge(base: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const old = result[key];
    if (isObject(old) && isObject(value)) result[key] = merge(old, value);
    else if (Array.isArray(old) && Array.isArray(value) && isObject(value[0])) {
      const list = [...old];
      for (const item of value) {
        if (!isObject(item) || typeof item["name"] !== "string") throw new Error(`an element of ${key} has no name`);
        const index = list.findIndex((one) => isObject(one) && one["name"] === item["name"]);
        const found = list[index];
        if (isObject(found)) list[index] = merge(found, item);
        else list.push(item);
      }
      result[key] = list;
    } else if (
      old !== undefined &&
      (isObject(old) || Array.isArray(old)) !== (isObject(value) || Array.isArray(value))
    ) {
      throw new Error(`${key} is of another type in the operator's pod`);
    } else result[key] = value;
  }
  return result;
}

/** Pod of a server that the operator makes from a spec. */
export function serverPod(spec: JsonObject): JsonObject {
  const permissions = isObject(spec["datadirPermissions"]) ? spec["datadirPermissions"] : {};
  const metrics = isObject(spec["metrics"]) && spec["metrics"]["enable"] === true;
  const root = { name: "fixdatadir", securityContext: { ...hardened, runAsUser: 0 } };
  const base: JsonObject = {
    securityContext: { runAsUser: 27, runAsGroup: 27, fsGroup: 27 },
    terminationGracePeriodSeconds: 120,
    initContainers: [
      ...(permissions["setRightsUsingInitContainer"] === false ? [] : [root]),
      { name: "initconf", securityContext: hardened },
      { name: "initmysql", securityContext: hardened },
    ],
    containers: [
      { name: "sidecar", securityContext: hardened },
      { name: "mysql", securityContext: hardened },
      ...(metrics ? [{ name: "metrics", securityContext: { ...hardened, runAsUser: 2, runAsGroup: 27 } }] : []),
    ],
  };
  return merge(base, isObject(spec["podSpec"]) ? spec["podSpec"] : {});
}

/** Labels of a server that the operator writes and selects by, and that nobody else may set. */
export const operatorLabels = [
  "component",
  "tier",
  "mysql.oracle.com/cluster",
  "mysql.oracle.com/instance-type",
  "app.kubernetes.io/name",
  "app.kubernetes.io/instance",
  "app.kubernetes.io/component",
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/created-by",
];

/** Pod of a router that the operator makes from a spec. */
export function routerPod(spec: JsonObject): JsonObject {
  const router = isObject(spec["router"]) ? spec["router"] : {};
  const base: JsonObject = {
    securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 },
    containers: [{ name: "router", securityContext: hardened }],
  };
  return merge(base, isObject(router["podSpec"]) ? router["podSpec"] : {});
}

/** Where a value is not what an OpenAPI schema of a custom resource allows; fields that it does not know count too. */
export function schemaMistakes(schema: JsonObject, value: Json, path = ""): string[] {
  const type = schema["type"];
  const fits =
    type === undefined ||
    (type === "object" && isObject(value)) ||
    (type === "array" && Array.isArray(value)) ||
    (type === "integer" && Number.isInteger(value)) ||
    (type === "number" && typeof value === "number") ||
    typeof value === type;
  if (!fits) return [`${path}: want ${String(type)}, got ${JSON.stringify(value)}`];
  const mistakes: string[] = [];
  const options = schema["enum"];
  if (Array.isArray(options) && !options.includes(value)) mistakes.push(`${path}: want one of ${options.join(", ")}`);
  if (
    typeof schema["pattern"] === "string" &&
    typeof value === "string" &&
    !new RegExp(schema["pattern"]).test(value)
  ) {
    mistakes.push(`${path}: ${value} does not match ${schema["pattern"]}`);
  }
  for (const [key, wrong] of [
    ["minimum", (limit: number) => typeof value === "number" && value < limit],
    ["maximum", (limit: number) => typeof value === "number" && value > limit],
    ["maxLength", (limit: number) => typeof value === "string" && value.length > limit],
  ] as const) {
    const limit = schema[key];
    if (typeof limit === "number" && wrong(limit)) mistakes.push(`${path}: ${key} is ${limit}`);
  }
  if (Array.isArray(value) && isObject(schema["items"])) {
    const items = schema["items"];
    mistakes.push(...value.flatMap((one, index) => schemaMistakes(items, one, `${path}[${index}]`)));
  }
  if (isObject(value)) {
    const properties = isObject(schema["properties"]) ? schema["properties"] : {};
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    mistakes.push(
      ...required.filter((key) => !(String(key) in value)).map((key) => `${path}.${String(key)} is missing`),
    );
    for (const [key, inner] of Object.entries(value)) {
      const known = properties[key];
      if (isObject(known)) mistakes.push(...schemaMistakes(known, inner, `${path}.${key}`));
      else if (schema["x-kubernetes-preserve-unknown-fields"] !== true) mistakes.push(`${path}.${key} is unknown`);
    }
  }
  return mistakes;
}
