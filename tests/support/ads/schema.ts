/** Values against the OpenAPI schemas of custom resources, as an API server checks them; rules in CEL are not run. */

type Schema = {
  type?: string;
  enum?: readonly unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fits(type: string | undefined, value: unknown): boolean {
  if (type === undefined) return true;
  if (type === "object") return isObject(value);
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function limits(schema: Schema, value: unknown, path: string): string[] {
  const mistakes: string[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    mistakes.push(`${path}: want one of ${schema.enum.join(", ")}`);
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? value)) mistakes.push(`${path}: minimum is ${schema.minimum}`);
    if (value > (schema.maximum ?? value)) mistakes.push(`${path}: maximum is ${schema.maximum}`);
  }
  if (typeof value === "string") {
    if (value.length < (schema.minLength ?? 0)) mistakes.push(`${path}: minLength is ${schema.minLength}`);
    if (value.length > (schema.maxLength ?? value.length)) mistakes.push(`${path}: maxLength is ${schema.maxLength}`);
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
      mistakes.push(`${path}: ${value} does not match ${schema.pattern}`);
    }
  }
  return mistakes;
}

/** What a value has that its schema does not allow, or has not and it asks for. Fields that it does not know count. */
export function schemaMistakes(schema: Schema, value: unknown, path = ""): string[] {
  if (!fits(schema.type, value)) return [`${path}: want ${schema.type}, got ${JSON.stringify(value)}`];
  const mistakes = limits(schema, value, path);
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) mistakes.push(`${path}: minItems is ${schema.minItems}`);
    const { items = {} } = schema;
    return [...mistakes, ...value.flatMap((one, index) => schemaMistakes(items, one, `${path}[${index}]`))];
  }
  if (!isObject(value)) return mistakes;
  const { additionalProperties: more } = schema;
  const missing = (schema.required ?? []).filter((key) => !(key in value));
  mistakes.push(...missing.map((key) => `${path}.${key} is missing`));
  for (const [key, inner] of Object.entries(value)) {
    const known = schema.properties?.[key] ?? (typeof more === "object" ? more : undefined);
    if (known !== undefined) mistakes.push(...schemaMistakes(known, inner, `${path}.${key}`));
    else if (more !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
      mistakes.push(`${path}.${key} is unknown`);
    }
  }
  return mistakes;
}
