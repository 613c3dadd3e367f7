// The lab's stand-in for the official random provider: values made once and kept in the state. For the lab alone.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { compare, propertyPath } from "./diff.ts";
import { runPlugin } from "./plugin.ts";
import type { DiffResult, Operation, ResourceProvider, StoredResource } from "./resource-provider.ts";
import { type JsonObject, numberAt, plainObject, secret, textAt, unknownMarker } from "./values.ts";

const sets = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
const setNames = ["lower", "upper", "numeric", "special"] as const;

interface Maker {
  /** The outputs that are made, and whether they are secret. */
  made: Readonly<Record<string, "plain" | "secret">>;
  make(inputs: JsonObject): { id: string; outputs: JsonObject };
}

const makers: Readonly<Record<string, Maker>> = {
  "random:index/randomPassword:RandomPassword": {
    // The hash is left out: nothing here reads it, and making it is slow on purpose.
    made: { result: "secret" },
    make: (inputs) => ({ id: "none", outputs: { result: text(inputs) } }),
  },
  "random:index/randomString:RandomString": {
    made: { result: "plain" },
    make: (inputs) => {
      const result = text(inputs);
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomId:RandomId": {
    made: { hex: "plain", dec: "plain", b64Std: "plain", b64Url: "plain" },
    make: (inputs) => {
      const bytes = randomBytes(numberAt(inputs, 8, "byteLength"));
      const prefix = textAt(inputs, "prefix");
      const id = bytes.toString("base64url");
      const hex = bytes.toString("hex");
      return {
        id,
        outputs: {
          hex: prefix + hex,
          dec: prefix + BigInt(`0x${hex}`).toString(),
          b64Std: prefix + bytes.toString("base64"),
          b64Url: prefix + id,
        },
      };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    made: { result: "plain" },
    make: () => {
      const result = randomUUID();
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    made: { result: "plain" },
    make: (inputs) => {
      const result = randomInt(numberAt(inputs, 0, "min"), numberAt(inputs, 0, "max") + 1);
      return { id: String(result), outputs: { result } };
    },
  },
};

/** A text of the wanted length with at least the wanted number of characters of each set. */
export function text(inputs: JsonObject): string {
  const length = numberAt(inputs, 0, "length");
  const allowed = setNames.filter((name) => inputs[name] !== false && !(name === "numeric" && inputs.number === false));
  const characters = { ...sets, special: textAt(inputs, "overrideSpecial") || sets.special };
  const minimum = (name: string) => numberAt(inputs, 0, `min${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  const picked = allowed.flatMap((name) => Array.from({ length: minimum(name) }, () => pick(characters[name])));
  const all = allowed.map((name) => characters[name]).join("");
  if (all === "" || picked.length > length) throw new Error(`length ${length} cannot hold what the minimums ask for`);
  while (picked.length < length) picked.push(pick(all));
  return shuffled(picked).join("");
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

function shuffled(characters: string[]): string[] {
  const result = [...characters];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other] ?? "", result[last] ?? ""];
  }
  return result;
}

/** The provider behind `pulumi-resource-random`. */
export class RandomProvider implements ResourceProvider {
  readonly version = "4.21.2";

  async configure(): Promise<void> {
    // There is nothing to set.
  }

  async check({ inputs }: Operation): Promise<{ inputs: JsonObject; failures: [] }> {
    return { inputs, failures: [] };
  }

  /** Any change of what the value was made from, `keepers` included, makes a new value. */
  async diff({ inputs, oldInputs }: Operation): Promise<DiffResult> {
    const changes = compare(plainObject(oldInputs), plainObject(inputs));
    const detailed = changes.map(({ path, kind }) => [propertyPath(path), { kind, replaces: true }] as const);
    return { detailed: new Map(detailed), deleteBeforeReplace: false };
  }

  async create({ type, inputs, isPreview }: Operation): Promise<StoredResource> {
    const maker = makerOf(type);
    const { id, outputs } = isPreview ? { id: "", outputs: unknowns(maker) } : maker.make(plainObject(inputs));
    const marked = Object.entries(outputs).map(([name, value]) => {
      return [name, maker.made[name] === "secret" ? secret(value ?? null) : value] as const;
    });
    return { id, outputs: { ...inputs, ...Object.fromEntries(marked) } };
  }

  async read({ id, oldInputs, oldOutputs }: Operation): Promise<StoredResource> {
    return { id, outputs: oldOutputs, inputs: oldInputs };
  }

  async update({ id, inputs, oldOutputs }: Operation): Promise<StoredResource> {
    return { id, outputs: { ...oldOutputs, ...inputs } };
  }

  async delete(): Promise<void> {
    // The value lives in the state alone.
  }

  cancel(): void {
    // Nothing here takes time.
  }
}

function makerOf(type: string): Maker {
  const maker = makers[type];
  if (maker === undefined)
    throw new Error(`the loopback provider has no ${type}; it has ${Object.keys(makers).join(", ")}`);
  return maker;
}

function unknowns(maker: Maker): JsonObject {
  return Object.fromEntries(Object.keys(maker.made).map((name) => [name, unknownMarker]));
}

if (import.meta.main) await runPlugin(new RandomProvider(), process.argv[2]);
