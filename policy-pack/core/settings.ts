/**
 * Settings of a family: a small part of JSON Schema, which the engine's own check and `npm run policies` both read. The
 * engine fills in defaults of the first level only and lets unknown keys pass, so the pack checks once more by itself.
 */
import type { Exemption, Level } from "./finding.ts";

/** A value of a setting, described. */
export interface Property {
  type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  description: string;
  enum?: readonly string[];
  /** Regular expression that a text must match. */
  pattern?: string;
  minimum?: number;
  items?: Property;
  properties?: Readonly<Record<string, Property>>;
  required?: readonly string[];
  /** What a mapping with free keys holds. Without it, keys beside `properties` are mistakes. */
  additionalProperties?: Property;
}

/** A setting with its default. */
export interface Setting<T> extends Property {
  default: T;
}

/** All settings of a family. */
export type Schema<S> = { readonly [K in keyof S]-?: Setting<S[K]> };

/** What every family can be told. */
export interface CommonSettings {
  /** Findings that a preview cannot decide count like violations. */
  strict: boolean;
  /** Level of single rules, by id. */
  rules: Readonly<Record<string, Level | "disabled">>;
  exemptions: readonly Exemption[];
}

/** A day, as YYYY-MM-DD. */
export const dayPattern = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$";

/** The settings that every family has. */
export function commonSchema(ruleIds: readonly string[]): Schema<CommonSettings> {
  const text = (description: string): Property => ({ type: "string", description });
  return {
    strict: {
      type: "boolean",
      description: "Treat what a preview cannot decide like a violation.",
      default: false,
    },
    rules: {
      type: "object",
      description: "Level of single rules: mandatory, advisory or disabled.",
      properties: Object.fromEntries(
        ruleIds.map((id): [string, Property] => [
          id,
          { type: "string", description: `Level of ${id}.`, enum: ["mandatory", "advisory", "disabled"] },
        ]),
      ),
      default: {},
    },
    exemptions: {
      type: "array",
      description: "Objects that a rule lets pass, each with a reason and a last day. An expired one is a finding.",
      items: {
        type: "object",
        description: "One exemption.",
        properties: {
          rule: { type: "string", description: "Id of the rule, or *.", enum: ["*", ...ruleIds] },
          namespace: text("Namespace of the object, or *."),
          name: text("Name of the object, or *."),
          kind: text("Kind of the object; any kind without it."),
          reason: { ...text("Why, for the person who reviews it."), pattern: "\\S" },
          expires: { ...text("Last day, as YYYY-MM-DD."), pattern: dayPattern },
        },
        required: ["rule", "namespace", "name", "reason", "expires"],
      },
      default: [],
    },
  };
}

const typeChecks: Record<Property["type"], (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isFinite(value),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Every mistake of a value, as `path: what is wanted`. The value itself is not repeated. */
export function valueMistakes(property: Property, value: unknown, path: string): string[] {
  if (!typeChecks[property.type](value)) return [`${path}: want ${article(property.type)}`];
  const mistakes: string[] = [];
  if (property.enum !== undefined && !property.enum.includes(String(value))) {
    mistakes.push(`${path}: want one of ${property.enum.join(", ")}`);
  }
  if (property.pattern !== undefined && !new RegExp(property.pattern).test(String(value))) {
    mistakes.push(`${path}: want ${property.description.replace(/\.$/, "")}`);
  }
  if (property.minimum !== undefined && Number(value) < property.minimum) {
    mistakes.push(`${path}: want at least ${property.minimum}`);
  }
  if (Array.isArray(value) && property.items !== undefined) {
    const { items } = property;
    mistakes.push(...value.flatMap((item, index) => valueMistakes(items, item, `${path}[${index}]`)));
  }
  if (property.type === "object") mistakes.push(...mappingMistakes(property, value as Record<string, unknown>, path));
  return mistakes;
}

function mappingMistakes(property: Property, value: Record<string, unknown>, path: string): string[] {
  const { properties = {}, required = [], additionalProperties } = property;
  const known = Object.keys(properties).join(", ");
  return [
    ...required.filter((key) => value[key] === undefined).map((key) => `${path}.${key}: is missing`),
    ...Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .flatMap(([key, inner]) => {
        const own = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
        if (own === undefined) return [`${path}.${key}: is not known; want one of ${known}`];
        return valueMistakes(own, inner, `${path}.${key}`);
      }),
  ];
}

function article(type: Property["type"]): string {
  return `${/^[aio]/.test(type) ? "an" : "a"} ${type}`;
}

/** Settings as a program uses them, and every mistake in what was written. With mistakes, the defaults are returned. */
export function readSettings<S>(
  schema: Schema<S>,
  written: unknown,
  path: string,
): { settings: S; mistakes: string[] } {
  const properties = schema as Readonly<Record<string, Setting<unknown>>>;
  const defaults = Object.fromEntries(Object.entries(properties).map(([key, setting]) => [key, setting.default]));
  const whole: Property = { type: "object", description: "Settings of the family.", properties };
  const mistakes = valueMistakes(whole, written, path);
  const known = mistakes.length > 0 ? {} : (written as Record<string, unknown>);
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { settings: { ...defaults, ...given } as S, mistakes };
}
