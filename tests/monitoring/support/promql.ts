/** Reads PromQL with the grammar of Prometheus' own editor, so that tests know what a query asks for. */
import { parser } from "@prometheus-io/lezer-promql";

/** Names of the metrics that a query reads, each once, in the order of the alphabet. Throws where it is no PromQL. */
export function metricNames(expression: string): string[] {
  checkQuery(expression);
  const names = new Set<string>();
  parser.parse(expression).iterate({
    enter({ name, from, to, node }) {
      if (name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      if (metric === null) {
        throw new Error(`"${expression.slice(from, to)}" in "${expression}" does not name its metric`);
      }
      names.add(expression.slice(metric.from, metric.to));
    },
  });
  return [...names].sort();
}

/** Throws with the place of the first mistake where `expression` is no PromQL. */
export function checkQuery(expression: string): void {
  parser.parse(expression).iterate({
    enter({ type, from }) {
      if (!type.isError) return;
      throw new Error(`no PromQL at character ${from + 1}, "${expression.slice(from, from + 20)}": ${expression}`);
    },
  });
}
