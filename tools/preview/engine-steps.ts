/** The output of `pulumi preview --json`: what the engine itself would do, without any value. */
import { readFileSync } from "node:fs";
import { UserError } from "../errors.ts";

/** What becomes of a resource; the gravest first. */
export const engineFates = ["replaced", "deleted", "imported", "created", "updated", "read"] as const;

/** One of `engineFates`. */
export type EngineFate = (typeof engineFates)[number];

/** One resource that does not stay as it is. */
export interface EngineStep {
  fate: EngineFate;
  /** Kind and name, for example `Service mmorpg-game/auth-service`. */
  subject: string;
  /** Logical name of the provider instance, which is that of the region; empty where there is none. */
  region: string;
  /** Paths of the fields that make it be replaced. */
  because: string[];
  /** Paths of the other fields that differ. */
  fields: string[];
  notes: string[];
}

/** What the engine would do. */
export interface EngineSteps {
  /** The gravest first. */
  steps: EngineStep[];
  counts: Record<EngineFate, number>;
  unchanged: number;
  /** Errors and warnings of the engine; their words are not repeated, since they may hold values. */
  errors: number;
  warnings: number;
}

/** The document as far as it is read (pulumi/pulumi, sdk/go/common/display/json.go, PreviewDigest and PreviewStep). */
export interface Digest {
  steps?: Step[];
  diagnostics?: { severity?: string }[];
  changeSummary?: Record<string, number>;
}
interface Step {
  op: string;
  urn: string;
  provider?: string;
  oldState?: State;
  newState?: State;
  diffReasons?: string[];
  replaceReasons?: string[];
  detailedDiff?: Record<string, { kind: string }> | null;
}
interface State {
  protect?: boolean;
  retainOnDelete?: boolean;
  inputs?: { kind?: unknown; metadata?: unknown };
}

// Every operation of the engine (pulumi/pulumi, pkg/resource/deploy/step.go, StepOps). One replaced resource has several.
const fateOf: Readonly<Record<string, EngineFate>> = {
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  "read-replacement": "replaced",
  "discard-replaced": "replaced",
  "import-replacement": "replaced",
  delete: "deleted",
  discard: "deleted",
  create: "created",
  update: "updated",
  import: "imported",
  read: "read",
  refresh: "read",
};

function isDigest(value: unknown): value is Digest {
  if (typeof value !== "object" || value === null) return false;
  const { steps, changeSummary } = value as Digest;
  if (steps !== undefined)
    return Array.isArray(steps) && steps.every(({ op, urn }) => typeof op === "string" && typeof urn === "string");
  return typeof changeSummary === "object";
}

/** Reads the file. Throws a `UserError` for one that is no such output, or that of another stack. */
export function readEngineSteps(file: string, stack: string): EngineSteps {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // A syntax error quotes the text, which may hold anything.
    const why = error instanceof SyntaxError ? "it is no JSON document" : (error as Error).message;
    throw new UserError(`--engine ${file}: ${why}; want the output of pulumi preview --json`);
  }
  if (!isDigest(content)) throw new UserError(`--engine ${file}: want the output of pulumi preview --json`);
  const other = (content.steps ?? []).map(({ urn }) => partsOf(urn).stack).find((one) => one !== stack);
  if (other !== undefined) throw new UserError(`--engine ${file}: it is a preview of stack ${other}, not of ${stack}`);
  return engineSteps(content);
}

// urn:pulumi:STACK::PROJECT::TYPES::NAME; a name may hold colons too.
function partsOf(urn: string): { stack: string; type: string; name: string } {
  const [, stack = "", type = "", name = urn] = /^urn:pulumi:(.*?)::.*?::(.*?)::(.*)$/s.exec(urn) ?? [];
  return { stack, type: type.split("$").at(-1) ?? type, name };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "[secret]" ? value : undefined;
}

function subjectOf({ urn, oldState, newState }: Step): string {
  const { type, name } = partsOf(urn);
  const { kind, metadata } = (newState ?? oldState)?.inputs ?? {};
  const { name: own, namespace } = (metadata ?? {}) as { name?: unknown; namespace?: unknown };
  const named = text(own) === undefined ? name : [text(namespace), text(own)].filter(Boolean).join("/");
  return `${text(kind) ?? type.split(":").at(-1)} ${named}`;
}

/** Steps of one resource as one. */
function merged(steps: readonly Step[], fate: EngineFate): EngineStep {
  const [first] = steps;
  const diffs = steps.flatMap(({ detailedDiff }) => Object.entries(detailedDiff ?? {}));
  const replacing = diffs.filter(([, { kind }]) => kind.endsWith("-replace")).map(([path]) => path);
  const reasons = steps.flatMap(({ replaceReasons = [] }) => replaceReasons);
  // A reason is a key at the top; where the exact paths below it are known it adds nothing.
  const coarse = reasons.filter(
    (key) => !replacing.some((path) => path === key || (/^[.[]/.test(path.slice(key.length)) && path.startsWith(key))),
  );
  const because = [...new Set([...replacing, ...coarse])];
  const all = diffs.length > 0 ? diffs.map(([path]) => path) : steps.flatMap(({ diffReasons = [] }) => diffReasons);
  const old = steps.find(({ oldState }) => oldState !== undefined)?.oldState;
  const goes = fate === "replaced" || fate === "deleted";
  const order = steps.map(({ op }) => op);
  const [deletes, creates] = [order.indexOf("delete-replaced"), order.indexOf("create-replacement")];
  return {
    fate,
    subject: first === undefined ? "" : subjectOf(first),
    region: /::([^:]+)::[^:]*$/.exec(first?.provider ?? "")?.[1]?.replace(/^default(_.*)?$/, "") ?? "",
    because,
    fields:
      fate === "updated" || fate === "replaced" ? [...new Set(all)].filter((path) => !because.includes(path)) : [],
    notes: [
      ...(goes && old?.protect === true ? ["protected: the engine refuses the whole update"] : []),
      ...(goes && old?.retainOnDelete === true && old.protect !== true
        ? ["stays in the cluster, out of the program's hands"]
        : []),
      ...(deletes >= 0 && creates > deletes ? ["deleted before the new one is there"] : []),
    ],
  };
}

/** What a digest of the engine says, each resource once. */
export function engineSteps({ steps = [], diagnostics = [], changeSummary = {} }: Digest): EngineSteps {
  const byUrn = new Map<string, Step[]>();
  for (const step of steps) byUrn.set(step.urn, [...(byUrn.get(step.urn) ?? []), step]);
  const list = [...byUrn.values()].flatMap((own) => {
    const fates = own.map(({ op }) => fateOf[op]).filter((fate) => fate !== undefined);
    const [fate] = fates.sort((one, other) => engineFates.indexOf(one) - engineFates.indexOf(other));
    return fate === undefined ? [] : [merged(own, fate)];
  });
  const rank = (step: EngineStep) => engineFates.indexOf(step.fate);
  const counted = (fate: EngineFate) => {
    const listed = list.filter((one) => one.fate === fate).length;
    const op = Object.entries(fateOf).filter(([, one]) => one === fate);
    // The larger one: a list that was cut short must not make a preview look harmless.
    return Math.max(listed, ...op.map(([name]) => changeSummary[name] ?? 0));
  };
  return {
    steps: list.sort((one, other) => rank(one) - rank(other) || (one.subject < other.subject ? -1 : 1)),
    counts: Object.fromEntries(engineFates.map((fate) => [fate, counted(fate)])) as Record<EngineFate, number>,
    unchanged: changeSummary["same"] ?? steps.filter(({ op }) => op === "same").length,
    errors: diagnostics.filter(({ severity }) => severity === "error").length,
    warnings: diagnostics.filter(({ severity }) => severity === "warning").length,
  };
}
