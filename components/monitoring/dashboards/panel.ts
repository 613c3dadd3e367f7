/** A panel of a dashboard in few words, and how Grafana's SDK draws it. */
import { PanelBuilder as BarGaugePanel } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder as MetricQuery, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as NumberPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as LinesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
import { type DashboardKey, dashboardUid } from "./keys.ts";

/** Data sources by their `uid`, which never changes; a name is only what people see. */
export const dataSources = {
  prometheus: { type: "prometheus", uid: "prometheus" },
  jaeger: { type: "jaeger", uid: "jaeger" },
  loki: { type: "loki", uid: "loki" },
  alertmanager: { type: "alertmanager", uid: "alertmanager" },
} as const;

/** Units by their names in this project, as Grafana knows them. */
export const units = {
  count: "short",
  ratio: "percentunit",
  seconds: "s",
  milliseconds: "ms",
  days: "d",
  bytes: "bytes",
  bytesPerSecond: "binBps",
  perSecond: "cps",
} as const;

/** A question to the data source. */
export interface Query {
  /** PromQL. May hold variables of Grafana such as `$region`. */
  expression: string;
  /** Name of each series; `{{label}}` stands for the value of a label. */
  legend: string;
}

/** Colours of lines and numbers. */
export type Color = "green" | "orange" | "red";

/** A line across the panel; a number from there on has its colour. */
export interface Line {
  value: number;
  color: Color;
}

/** `lines`: over time; `number` and `bars`: now; `table`: labels and value now. */
export type PanelKind = "lines" | "number" | "bars" | "table";

/** A panel. */
export interface PanelArgs {
  title: string;
  unit: keyof typeof units;
  /** What it shows, and what is wrong when it looks wrong. */
  description: string;
  queries: readonly Query[];
  /** @default "lines" */
  kind?: PanelKind;
  /** In ascending order. @default none */
  lines?: readonly Line[];
  /** Colour of numbers below the first line. @default "green" */
  base?: Color;
  /** Dashboard with the details. */
  opens?: DashboardKey;
}

/** Size of each kind on Grafana's grid, which is 24 wide. */
export const panelSizes: Readonly<Record<PanelKind, { width: number; height: number }>> = {
  lines: { width: 12, height: 8 },
  number: { width: 6, height: 4 },
  bars: { width: 12, height: 8 },
  table: { width: 24, height: 8 },
};

const refIds = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function targets({ kind = "lines", queries }: PanelArgs) {
  return queries.map(({ expression, legend }, index) => {
    const refId = refIds.charAt(index);
    const query = new MetricQuery().refId(refId).datasource(dataSources.prometheus).expr(expression);
    if (kind === "table") return query.instant().format(PromQueryFormat.Table);
    return (kind === "lines" ? query.range() : query.instant()).legendFormat(legend);
  });
}

function last(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]);
}

function builder(kind: PanelKind, hasLines: boolean) {
  switch (kind) {
    case "number":
      return new NumberPanel().reduceOptions(last());
    case "bars":
      return new BarGaugePanel()
        .reduceOptions(last())
        .orientation(VizOrientation.Horizontal)
        .displayMode(BarGaugeDisplayMode.Basic)
        .min(0);
    case "table":
      // The labels are the columns; the time of an answer that is about now says nothing.
      return new TablePanel().withTransformation({ id: "organize", options: { excludeByName: { Time: true } } });
    case "lines":
      return new LinesPanel()
        .min(0)
        .lineWidth(1)
        .fillOpacity(5)
        .showPoints(VisibilityMode.Never)
        .legend(
          new VizLegendOptionsBuilder()
            .showLegend(true)
            .displayMode(LegendDisplayMode.List)
            .placement(LegendPlacement.Bottom),
        )
        .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
        .thresholdsStyle(
          new GraphThresholdsStyleConfigBuilder().mode(
            hasLines ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
          ),
        );
  }
}

/** A link from a panel to a dashboard, with the variables and the time that are chosen. */
function linkTo(key: DashboardKey): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Details")
    .type(DashboardLinkType.Link)
    .url(`/d/${dashboardUid(key)}`)
    .includeVars(true)
    .keepTime(true);
}

/** Draws a panel at a place of the grid. */
export function drawPanel(args: PanelArgs, place: { id: number; x: number; y: number }): Panel {
  const { kind = "lines", lines = [], base = "green", opens } = args;
  const { width, height } = panelSizes[kind];
  return builder(kind, lines.length > 0)
    .id(place.id)
    .title(args.title)
    .description(args.description)
    .unit(units[args.unit])
    .datasource(dataSources.prometheus)
    .targets(targets(args))
    .gridPos({ x: place.x, y: place.y, w: width, h: height })
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([{ value: null, color: base }, ...lines.map(({ value, color }) => ({ value, color }))]),
    )
    .links(opens === undefined ? [] : [linkTo(opens)])
    .build();
}
