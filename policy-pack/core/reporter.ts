/** Collects what one rule says: one finding for a place, a violation before an undecidable one. */
import type { KubeObject } from "../kube/objects.ts";
import { Field } from "../kube/tree.ts";
import type { Finding, Level, Verdict } from "./finding.ts";
import type { Place, Report, Rule } from "./rule.ts";

/** Who speaks, and about what. */
interface Subject {
  family: string;
  rule: Rule;
  level: Level;
  /** Undecidable findings have the rule's level instead of being told only. */
  strict: boolean;
  today: string;
  /** The object that the rule looks at; a rule about a whole cluster names one with each finding. */
  object?: KubeObject;
}

/** A `Report` that remembers. */
export class Reporter implements Report {
  readonly #subject: Subject;
  readonly #findings = new Map<string, Finding>();

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  get today(): string {
    return this.#subject.today;
  }

  violated(at: Place, message: string): void {
    this.#add(at, "violated", message);
  }

  undecidable(at: Place, message = "is known only after an up, so nothing can be said about it yet"): void {
    this.#add(at, "undecidable", message);
  }

  check(at: Place, allowed: (value: Field["value"]) => boolean, message: string): void {
    const field = at instanceof Field ? at : at.field;
    const object = at instanceof Field ? this.#subject.object : (at.object ?? this.#subject.object);
    if (field.unknown) this.undecidable(at);
    else if (field.absent && object?.partial === true) return;
    else if (!allowed(field.absent ? undefined : field.value)) this.violated(at, message);
  }

  /** The findings, in the order of their first mention. */
  findings(): Finding[] {
    return [...this.#findings.values()];
  }

  #add(at: Place, verdict: Verdict, said: string): void {
    const { family, rule, strict } = this.#subject;
    const place = at instanceof Field ? { field: at } : at;
    const object = place.object ?? this.#subject.object;
    if (object === undefined) throw new Error(`${family}/${rule.id} names no object`);
    const { path } = place.field;
    const key = `${object.source} ${path}`;
    const known = this.#findings.get(key);
    if (known !== undefined && (known.verdict === "violated" || verdict === "undecidable")) return;
    this.#findings.set(key, {
      family,
      rule: `${family}/${rule.id}`,
      verdict,
      level: verdict === "undecidable" && !strict ? "advisory" : this.#subject.level,
      object,
      path,
      message: place.container === undefined ? said : `container "${place.container.name}": ${said}`,
      fix: rule.fix,
    });
  }
}
