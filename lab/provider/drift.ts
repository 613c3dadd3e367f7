// What the inputs of an object are now that somebody may have changed it by hand. Pure.
import { same } from "./diff.ts";
import { isObject, type Json, type JsonObject, textAt } from "./values.ts";

/**
 * The inputs in the shape the program gave them, with the values found in the cluster. `wanted` is what the API server
 * would make of the inputs: where the live object has exactly that, the program's own spelling stays ("1000m" against
 * "1"). Fields the program does not set are not looked at, so what an autoscaler owns is never drift.
 */
export function liveInputs(inputs: JsonObject, live: JsonObject, wanted: JsonObject | undefined): JsonObject {
  const found = reconcile(inputs, readable(inputs, live), wanted === undefined ? undefined : readable(inputs, wanted));
  return isObject(found) ? found : {};
}

function reconcile(input: Json, live: Json | undefined, wanted: Json | undefined): Json | undefined {
  if (live === undefined) return isEmpty(input) ? input : undefined;
  if (wanted !== undefined && same(live, wanted)) return input;
  if (isObject(input) && isObject(live)) {
    const result: JsonObject = {};
    for (const [key, child] of Object.entries(input)) {
      const found =
        child === undefined ? undefined : reconcile(child, live[key], isObject(wanted) ? wanted[key] : undefined);
      if (found !== undefined) result[key] = found;
    }
    return result;
  }
  if (Array.isArray(input) && Array.isArray(live)) {
    const list = Array.isArray(wanted) ? wanted : [];
    return input.flatMap((item, index) => {
      const found = reconcile(item, counterpart(item, index, input, live), counterpart(item, index, input, list));
      return found === undefined ? [] : [found];
    });
  }
  return live;
}

// The API server drops empty maps and lists, which is no change.
function isEmpty(input: Json): boolean {
  return Array.isArray(input) ? input.length === 0 : isObject(input) && Object.keys(input).length === 0;
}

const keys = ["name", "containerPort", "port", "mountPath", "topologyKey", "key", "type", "uid"];

// Other managers may add items to a list, so an item is found by what identifies it, not by its place.
function counterpart(item: Json, index: number, inputs: Json[], others: Json[]): Json | undefined {
  if (!isObject(item))
    return inputs.length === others.length ? others[index] : others.find((other) => same(other, item));
  const key = keys.find((name) => {
    const values = inputs.map((input) => (isObject(input) ? input[name] : undefined));
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  });
  if (key === undefined) return others[index];
  return others.find((other) => isObject(other) && other[key] === item[key]);
}

// The API server turns a Secret's stringData into data and never shows it again.
function readable(inputs: JsonObject, object: JsonObject): JsonObject {
  const given = inputs.stringData;
  if (textAt(inputs, "kind") !== "Secret" || !isObject(given)) return object;
  const data = isObject(object.data) ? object.data : {};
  const stringData: JsonObject = {};
  for (const key of Object.keys(given)) {
    const value = data[key];
    if (typeof value === "string") stringData[key] = Buffer.from(value, "base64").toString("utf8");
  }
  return { ...object, stringData };
}
