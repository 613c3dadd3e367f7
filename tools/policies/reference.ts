/** docs/policies.md: every rule of the policy pack, from the rules themselves. */
import { stringify } from "yaml";
import type { BadCase, Family, Manifest, Rule } from "../../policy-pack/core/rule.ts";
import { commonSchema, type Property, type Schema } from "../../policy-pack/core/settings.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { pathKeys } from "./manifests.ts";

const subjects = {
  pod: "each pod, however it arrives",
  object: "each object",
  cluster: "the objects of a cluster together",
} as const;

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function typeText(property: Property): string {
  if (property.enum !== undefined) {
    const { enum: values } = property;
    return values.length > 6
      ? `\`${values[0]}\` to \`${values.at(-1)}\``
      : values.map((one) => `\`${one}\``).join(", ");
  }
  return property.type === "array" ? `list of ${property.items?.type ?? "anything"}` : property.type;
}

function settingsTable(schema: Readonly<Record<string, Property & { default: unknown }>>): string {
  const rows = Object.entries(schema).map(
    ([key, setting]) =>
      `| \`${key}\` | ${cell(setting.description)} | ${cell(typeText(setting))} | \`${cell(JSON.stringify(setting.default))}\` |`,
  );
  return ["| setting | what it is | values | default |", "|---|---|---|---|", ...rows].join("\n");
}

function valueAt(objects: readonly Manifest[], path: string): unknown {
  for (const object of objects) {
    let value: unknown = object;
    for (const key of pathKeys(path)) {
      value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
    }
    if (value !== undefined && path !== "") return value;
  }
  return undefined;
}

/** Cases mark unknown values by a symbol, which no YAML can say. */
function holdsSymbol(value: unknown): boolean {
  if (typeof value === "symbol") return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSymbol);
}

/** A line of YAML that shows what a case refuses; empty where the point is that something is missing. */
function snippet({ objects, expect }: BadCase<object>, rule: Rule): string {
  const [own] = expect.filter((one) => (one.rule ?? rule.id) === rule.id);
  if (own === undefined || own.path === "") return "";
  const value = valueAt(objects, own.path);
  if (value === undefined) return ` (\`${own.path}\` is missing)`;
  if (holdsSymbol(value)) return ` (\`${own.path}\`)`;
  const text = stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
  return text.length > 70 ? ` (\`${own.path}\`)` : ` (\`${own.path}: ${text.replaceAll("`", "'")}\`)`;
}

function ruleSection(family: Family, rule: Rule): string {
  const { id, title, why, fix, level, subject, good, bad } = rule;
  const allowance = rule.subject === "pod" ? rule.allowance : undefined;
  const excuse = allowance === undefined ? [] : [`- a pod's own exception: \`${allowance}\``];
  return [
    `### ${family.name}/${id}`,
    "",
    `${title} ${why}`,
    "",
    `- level: ${level}; looks at ${subjects[subject]}`,
    `- fix: ${fix}`,
    ...excuse,
    ...bad.map((one) => `- refused: ${one.name}${snippet(one, rule)}`),
    ...good.map((one) => `- accepted: ${one.name}`),
  ].join("\n");
}

function familySection(family: Family): string {
  const schema = family.schema as Readonly<Record<string, Property & { default: unknown }>>;
  const settings = Object.keys(schema).length === 0 ? "It has no settings of its own." : settingsTable(schema);
  return [
    `## ${family.name}`,
    "",
    `${family.title}. Policy \`${family.name}\`, enforcement level ${family.level}.`,
    "",
    settings,
    "",
    ...family.rules.flatMap((rule) => [ruleSection(family, rule), ""]),
  ].join("\n");
}

function overview(): string {
  const rows = families.flatMap((family) =>
    family.rules.map((rule) => {
      const anchor = `${family.name}${rule.id}`;
      return `| [${family.name}/${rule.id}](#${anchor}) | ${rule.level} | ${cell(rule.title)} | ${rule.bad.length} | ${rule.good.length} |`;
    }),
  );
  return ["| rule | level | wants | cases refused | cases accepted |", "|---|---|---|---|---|", ...rows].join("\n");
}

const example = `{
  "pod-security": {
    "enforcementLevel": "mandatory",
    "version": "1.36",
    "rules": { "root-group": "mandatory" },
    "exemptions": [
      {
        "rule": "host-path-volumes",
        "namespace": "monitoring",
        "name": "node-exporter",
        "reason": "reads the node's own figures from /proc",
        "expires": "2027-06-30"
      }
    ]
  }
}`;

/** The page. */
export function policiesReference(): string {
  const rules = families.reduce((sum, family) => sum + family.rules.length, 0);
  const common = commonSchema([]) as Schema<object>;
  return `# Policies

<!-- Written by \`npm run docs\` from policy-pack/rules. -->

${rules} rules in ${families.length} families. Each family is one policy of the CrossGuard pack in \`policy-pack/\`; the same
rules run without an engine in \`npm start\`, \`npm run preview\` and \`npm run policies\`.

- \`pulumi preview --policy-pack policy-pack [--policy-pack-config FILE]\`: the engine refuses what breaks a mandatory rule,
  before anything is applied. Rules about a cluster as a whole run at the end; those that add up (the quota) also run as
  each object arrives, so that an \`up\` without a preview stops too.
- \`npm run policies -- FILE|DIR|-\`: plain YAML, also the output of \`helm template\`; \`--stack STACK\`: a stack of this
  project; \`--format sarif\` for code review tools. Exit code 1 when something mandatory is broken.

**Three verdicts.** Fine; violated; undecidable, where a value decides that is known only after an \`up\`. Undecidable is
told and stops nothing, unless \`strict\` is set. An unknown value never hides a violation that is plain without it.

**What it cannot see.** The content of Helm releases, resources that are only read (\`.get()\`), what \`pulumi refresh\` and
\`kubectl\` change, and children of a ConfigGroup while its cluster does not exist yet.

## Settings that every family has

${settingsTable(common as unknown as Readonly<Record<string, Property & { default: unknown }>>)}

The file is that of the engine: family to settings, and \`enforcementLevel\` (\`mandatory\`, \`advisory\`, \`disabled\`) among
them; \`all\` sets it for every family. A wrong key or value is one message that lists every mistake.

\`\`\`json
${example}
\`\`\`

## All rules

${overview()}

${families.map(familySection).join("\n")}`.replace(/\n+$/, "\n");
}
