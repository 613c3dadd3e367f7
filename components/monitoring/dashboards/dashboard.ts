/** A dashboard in few words: rows of panels, variables, links to its siblings. The same input makes the same JSON. */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { type DashboardKey, dashboardTag, dashboardTitles, dashboardUid } from "./keys.ts";
import { dataSources, drawPanel, type PanelArgs, panelSizes } from "./panel.ts";

export type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";

/** Panels below one heading, from left to right. */
export interface Row {
  title: string;
  panels: readonly PanelArgs[];
}

/** A choice at the top of the dashboard, of values that a label has now. */
export interface Variable {
  name: "namespace" | "pod";
  /** Selector of the series whose label is listed; may hold the variables before it. */
  of: string;
}

/** A dashboard. */
export interface DashboardArgs {
  key: DashboardKey;
  /** Whom it is for, and which question it answers. */
  description: string;
  /** Beside `region`, which every dashboard has. @default none */
  variables?: readonly Variable[];
  rows: readonly Row[];
}

/** Width of Grafana's grid. */
export const gridWidth = 24;

/**
 * "All" is `.*`, which series without the label match too: the Prometheus of a region adds the label `region` only where
 * series leave it.
 */
function variable(name: string, of: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource(dataSources.prometheus)
    .query({ query: `label_values(${of}, ${name})`, refId: name })
    .definition(`label_values(${of}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

function siblings(): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Dashboards")
    .type(DashboardLinkType.Dashboards)
    .tags([dashboardTag])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}

/** Draws a dashboard. Nobody can save it in Grafana: what is changed there would be gone with the next start. */
export function drawDashboard({ key, description, variables = [], rows }: DashboardArgs): Dashboard {
  const builder = new DashboardBuilder(dashboardTitles[key])
    .uid(dashboardUid(key))
    .description(description)
    .tags([dashboardTag])
    .timezone("utc")
    .time({ from: "now-3h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(siblings())
    .withVariable(variable("region", "up"));
  for (const { name, of } of variables) builder.withVariable(variable(name, of));
  const dashboard = builder.build();
  dashboard.panels = drawRows(rows);
  return dashboard;
}

/** Places panels side by side as long as they fit, then below; numbers them in this order. */
function drawRows(rows: readonly Row[]): NonNullable<Dashboard["panels"]> {
  const drawn: NonNullable<Dashboard["panels"]> = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const heading = new RowBuilder(title).id(drawn.length + 1).gridPos({ x: 0, y, w: gridWidth, h: 1 });
    drawn.push(heading.build());
    y += 1;
    let [x, lineHeight] = [0, 0];
    for (const panel of panels) {
      const { width, height } = panelSizes[panel.kind ?? "lines"];
      if (x + width > gridWidth) [x, y, lineHeight] = [0, y + lineHeight, 0];
      drawn.push(drawPanel(panel, { id: drawn.length + 1, x, y }));
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return drawn;
}
