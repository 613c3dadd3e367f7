/** Runs every policy over objects, for commands. */
import { readFileSync } from "node:fs";
import { type ConfiguredFamily, configure, evaluate } from "../../policy-pack/core/evaluate.ts";
import type { Finding, Level } from "../../policy-pack/core/finding.ts";
import type { KubeObject } from "../../policy-pack/kube/objects.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { UserError } from "../errors.ts";

/** Configuration of the pack by family, as `pulumi --policy-pack-config` takes it. */
export type PackConfig = Readonly<Record<string, unknown>>;

/** What the policies say. */
export interface Judgement {
  objects: number;
  rules: number;
  findings: Finding[];
  /** Findings that stop a preview. */
  mandatory: number;
  violated: number;
  undecidable: number;
}

const levels = ["mandatory", "advisory", "disabled"];

/** Reads a configuration file of the pack. Throws a `UserError` for a file that is none. */
export function readPackConfig(file: string): PackConfig {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} is no configuration of the policy pack: ${(error as Error).message}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UserError(`${file} is no configuration of the policy pack: want a mapping of family to settings`);
  }
  return config as PackConfig;
}

interface Enforced extends ConfiguredFamily {
  level: Level | "disabled";
}

// The engine's own two ways to write a level: a word in place of the settings, or a key among them.
function enforcementOf(family: string, config: PackConfig): { level?: unknown; settings: object } {
  const written = config[family] ?? {};
  if (typeof written === "string") return { level: written, settings: {} };
  const { enforcementLevel, ...settings } = written as Record<string, unknown>;
  return { level: enforcementLevel, settings };
}

/** The families as a configuration sets them. Throws one `UserError` with every mistake in it. */
export function configureFamilies(config: PackConfig, today: string): Enforced[] {
  const known = ["all", ...families.map((family) => family.name)];
  const mistakes = Object.keys(config)
    .filter((name) => !known.includes(name))
    .map((name) => `${name}: is no family; want one of ${known.join(", ")}`);
  const everywhere = enforcementOf("all", config).level;
  const configured = families.map((family) => {
    const { level = everywhere ?? family.level, settings } = enforcementOf(family.name, config);
    if (!levels.includes(String(level))) {
      mistakes.push(`${family.name}.enforcementLevel: want one of ${levels.join(", ")}`);
    }
    const read = configure(family, settings, today);
    mistakes.push(...read.mistakes);
    return { ...read.configured, level: level as Enforced["level"] };
  });
  if (mistakes.length > 0) {
    throw new UserError(
      `The configuration of the policy pack is wrong:\n${mistakes.map((one) => `  ${one}`).join("\n")}`,
    );
  }
  return configured;
}

/** What the policies say about objects. `today` as YYYY-MM-DD: exemptions end. */
export function judge(
  objects: readonly KubeObject[],
  config: PackConfig = {},
  today = new Date().toISOString().slice(0, 10),
): Judgement {
  const enforced = configureFamilies(config, today).filter(({ level }) => level !== "disabled");
  const findings = enforced.flatMap((family) =>
    evaluate([family], objects).map((finding) => {
      const weaker = family.level === "advisory" && finding.crashed !== true;
      return weaker ? { ...finding, level: family.level as Level } : finding;
    }),
  );
  return {
    objects: objects.length,
    rules: enforced.reduce((sum, { family }) => sum + family.rules.length, 0),
    findings,
    mandatory: findings.filter(({ level }) => level === "mandatory").length,
    violated: findings.filter(({ verdict }) => verdict === "violated").length,
    undecidable: findings.filter(({ verdict }) => verdict === "undecidable").length,
  };
}
