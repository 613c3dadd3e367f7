/** Dashboards as Grafana reads them: from JSON, with a value for each variable. */
import type { Dashboard } from "../../../components/monitoring/dashboards/dashboard.ts";

/** What the tests look at of a panel. */
export interface ReadPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: unknown;
  targets?: { refId: string; expr: string; legendFormat?: string; datasource?: unknown }[];
  links?: { url: string; type: string }[];
  fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { value: number | null; color: string }[] } } };
}

/** What the tests look at of a dashboard. */
export interface ReadDashboard {
  uid: string;
  title: string;
  tags: string[];
  editable: boolean;
  panels: ReadPanel[];
  links: { type: string; tags: string[]; includeVars: boolean }[];
  templating: {
    list: { name: string; allValue?: string; includeAll?: boolean; datasource?: unknown; definition: string }[];
  };
}

/** The dashboard after a way through JSON. */
export function read(dashboard: Dashboard): ReadDashboard {
  return JSON.parse(JSON.stringify(dashboard));
}

/** Panels that show something: all but headings. */
export function shown({ panels }: ReadDashboard): ReadPanel[] {
  return panels.filter((one) => one.type !== "row");
}

/** An expression with every variable at "All". Throws where Grafana would find a variable that the dashboard lacks. */
export function filledIn(
  expression: string,
  { templating, title }: Pick<ReadDashboard, "templating" | "title">,
): string {
  const values = new Map(templating.list.map(({ name, allValue = "" }) => [name, allValue]));
  values.set("__rate_interval", "5m");
  return expression.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${title} has no variable $${name}: ${expression}`);
    return value;
  });
}

/** Every query of a dashboard, those of its variables among them, as Prometheus gets it. */
export function queriesOf(dashboard: ReadDashboard): { where: string; expression: string }[] {
  const panels = shown(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `${dashboard.title}, ${title}`, expression: filledIn(expr, dashboard) })),
  );
  const variables = dashboard.templating.list.map(({ name, definition }) => ({
    where: `${dashboard.title}, $${name}`,
    expression: filledIn(/^label_values\((.*), \w+\)$/.exec(definition)?.[1] ?? "", dashboard),
  }));
  return [...panels, ...variables];
}
