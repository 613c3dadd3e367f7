/** The engine's own steps as Markdown: what it would replace and delete first, by name. */
import { type EngineFate, type EngineStep, type EngineSteps, engineFates } from "./engine-steps.ts";
import { code, details, type Limits, list, plain, table } from "./markdown.ts";

const graves: readonly EngineFate[] = ["replaced", "deleted"];

/** `**2 replaced, 1 deleted**, 3 created, 880 unchanged`. */
function counts({ counts: numbers, unchanged }: EngineSteps): string {
  const grave = graves.map((fate) => `${numbers[fate]} ${fate}`).join(", ");
  const others = engineFates
    .filter((fate) => !graves.includes(fate) && numbers[fate] > 0)
    .map((fate) => `${numbers[fate]} ${fate}`);
  return [`**${grave}**`, ...others, `${unchanged} unchanged`].join(", ");
}

function paths(list: readonly string[], most: number): string {
  const shown = list.slice(0, 6).map((path) => code(path, most));
  return [...shown, ...(list.length > 6 ? [`and ${list.length - 6} more`] : [])].join(", ");
}

/** The parts of the engine's section. */
export function engineComment(engine: EngineSteps, limits: Limits): string[] {
  const { errors, warnings } = engine;
  const grave = engine.steps.filter(({ fate }) => graves.includes(fate));
  const row = ({ fate, subject, region, because, notes }: EngineStep) => [
    `**${fate}**`,
    code(subject, limits.cell),
    plain(region),
    [paths(because, limits.cell), ...notes.map((note) => plain(note))].filter(Boolean).join("; "),
  ];
  // The list may name fewer than the engine counted.
  const unnamed = graves
    .map((fate) => ({ fate, number: engine.counts[fate] - grave.filter((one) => one.fate === fate).length }))
    .filter(({ number }) => number > 0)
    .map(({ fate, number }) => `${number} ${fate} that the list of steps does not name`);
  const said = errors + warnings === 0 ? "" : `The engine said ${errors} errors and ${warnings} warnings; see its log.`;
  const folded = engineFates.filter((fate) => !graves.includes(fate)).map((fate) => fold(engine, fate, limits));
  return [
    counts(engine),
    table(["step", "resource", "region", "because"], grave, limits, row),
    list(unnamed, limits, String),
    errors > 0 ? `**${said}**` : said,
    ...folded,
  ];
}

function fold(engine: EngineSteps, fate: EngineFate, limits: Limits): string {
  const steps = engine.steps.filter((one) => one.fate === fate);
  const item = ({ subject, region, fields }: EngineStep) =>
    [code(subject, limits.cell), plain(region), paths(fields, limits.cell)].filter(Boolean).join(" ");
  return steps.length === 0 ? "" : details(`${engine.counts[fate]} ${fate}`, list(steps, limits, item));
}
