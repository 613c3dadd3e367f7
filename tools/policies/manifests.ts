/** Manifests from files, folders and standard input, as objects that know the line of every field. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import { type KubeObject, origin, toObject } from "../../policy-pack/kube/objects.ts";
import { UserError } from "../errors.ts";

/** Where something stands. */
export interface Place {
  file: string;
  line: number;
}

/** Objects, and how to find their fields. */
export interface Manifests {
  objects: KubeObject[];
  /** Place of a path of an object; of the nearest field above it where the field itself is missing. */
  placeOf(object: KubeObject, path: string): Place | undefined;
  /** Documents that are no objects: empty, or without a kind. */
  skipped: number;
}

interface Origin {
  file: string;
  lines: LineCounter;
  node: unknown;
}

/** Stands for a file where there is none. */
export const standardInput = "(standard input)";

const suffixes = [".yaml", ".yml", ".json"];
// A file of a whole cluster is some ten megabytes; beyond that the alias count is an attack.
const maxAliasCount = 1000;

function filesOf(target: string): string[] {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${target}: there is no such file or folder`);
  if (!stats.isDirectory()) return [target];
  return readdirSync(target, { recursive: true, encoding: "utf8" })
    .filter((name) => suffixes.some((suffix) => name.endsWith(suffix)) && !name.includes("node_modules"))
    .sort()
    .map((name) => join(target, name))
    .filter((file) => statSync(file).isFile());
}

/** Reads manifests. `-` is standard input. Throws one `UserError` with everything that cannot be read. */
export function readManifests(targets: readonly string[]): Manifests {
  const mistakes: string[] = [];
  const origins = new Map<KubeObject, Origin>();
  let skipped = 0;
  const add = (node: unknown, plain: unknown, file: string, lines: LineCounter) => {
    const source = `${file}:${lineOf(node, lines)}`;
    const object = toObject({ props: plain, source });
    if (object === undefined) {
      skipped += 1;
    } else if (object.kind.endsWith("List") && Array.isArray(itemsOf(plain))) {
      const nodes = isMap(node) ? node.get("items", true) : undefined;
      (itemsOf(plain) as unknown[]).forEach((item, index) => {
        add(isSeq(nodes) ? nodes.items[index] : node, item, file, lines);
      });
    } else {
      origins.set(object, { file, lines, node });
    }
  };
  const read = (text: string, file: string) => {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: true }) as Document[];
    for (const document of documents) {
      mistakes.push(...document.errors.map((error) => `${file}: ${error.message.trimEnd()}`));
      if (document.errors.length === 0) add(document.contents, document.toJS({ maxAliasCount }), file, lines);
    }
  };
  for (const target of targets) {
    if (target === "-") read(readFileSync(0, "utf8"), standardInput);
    else for (const file of filesOf(target)) read(readFileSync(file, "utf8"), file);
  }
  if (mistakes.length > 0) throw new UserError(`Some manifests are no valid YAML.\n\n${mistakes.join("\n\n")}`);
  return {
    objects: [...origins.keys()],
    skipped,
    placeOf(object, path) {
      const from = origins.get(origin(object));
      // The paths of what an operator makes lead nowhere in the file.
      const node = object.madeBy === undefined ? nodeAt(from?.node, path) : from?.node;
      return from && { file: from.file, line: lineOf(node, from.lines) };
    },
  };
}

function itemsOf(plain: unknown): unknown {
  return typeof plain === "object" && plain !== null ? (plain as { items?: unknown }).items : undefined;
}

function lineOf(node: unknown, lines: LineCounter): number {
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1;
}

/** Keys of a path as rules write it: `spec.containers[0].env["A.B"]` -> spec, containers, 0, env, A.B. */
export function pathKeys(path: string): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const [, quoted, index, word] of path.matchAll(/\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|([^.[\]]+)/g)) {
    if (quoted !== undefined) keys.push(String(JSON.parse(quoted)));
    else if (index !== undefined) keys.push(Number(index));
    else if (word !== undefined) keys.push(word);
  }
  return keys;
}

function nodeAt(root: unknown, path: string): unknown {
  let found = root;
  for (const key of pathKeys(path)) {
    let below: unknown;
    if (isMap(found)) {
      // The key's own line is where people look; a value may begin a line below it.
      const pair = found.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      below = isScalar(pair?.value) || isAlias(pair?.value) ? pair.key : pair?.value;
    } else if (isSeq(found)) {
      below = found.items[Number(key)];
    }
    if (!isNode(below)) return found;
    found = below;
  }
  return found;
}
