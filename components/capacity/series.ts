/** What Prometheus needs: series, samples, memory and disk, computed from what is scraped. */
import { gibibyte } from "../kube/quantities.ts";

const mebibyte = 2 ** 20;

/** Pods that are scraped alike. */
export interface ScrapedPods {
  pods: number;
  /** Ports of each pod that are scraped, by seconds between two scrapes. */
  intervals: readonly number[];
}

/** What decides the series of a region. */
export interface SeriesInput {
  scraped: readonly ScrapedPods[];
  /** Nodes and pods that there may be at one time, in the whole cluster. */
  nodes: number;
  pods: number;
  /** Seconds between two scrapes where nothing else is said. */
  intervalSeconds: number;
  retentionSeconds: number;
}

/** What one Prometheus of a region needs. */
export interface SeriesPlan {
  series: number;
  samplesPerSecond: number;
  /** Memory that it is given as a request; the limit is twice that where a container may have so much. */
  memoryBytes: number;
  /** Size of its volume. */
  diskBytes: number;
}

/**
 * Series by what exports them (judgement, rounded up from what the programs print): a page of an exporter or of a
 * server; a node with node-exporter and kubelet; a pod with cAdvisor, after what nobody reads is dropped, and
 * kube-state-metrics.
 */
export const seriesOf = { port: 500, node: 1200, pod: 160 } as const;

/** Bytes of memory for each series with its index and the queries over it (judgement: twice what the head block takes). */
export const bytesPerSeries = 8192;

/** Memory of a server without a series. */
const emptyServerBytes = 512 * mebibyte;

/** Bytes of a sample on the disk: upstream says one to two (prometheus.io, Storage). */
export const bytesPerSample = 2;

/** Part of a volume that blocks may fill; the rest is the write-ahead log and what a compaction writes anew. */
export const diskShare = 0.8;

/** Adds up the series of a region. */
export function seriesPlan(input: SeriesInput): SeriesPlan {
  const { nodes, pods, intervalSeconds } = input;
  const ofPorts = input.scraped.flatMap((one) =>
    one.intervals.map((seconds) => ({ series: one.pods * seriesOf.port, seconds })),
  );
  const all = [...ofPorts, { series: nodes * seriesOf.node + pods * seriesOf.pod, seconds: intervalSeconds }];
  const series = all.reduce((whole, one) => whole + one.series, 0);
  const samplesPerSecond = Math.ceil(all.reduce((whole, one) => whole + one.series / one.seconds, 0));
  const blocks = samplesPerSecond * input.retentionSeconds * bytesPerSample;
  return {
    series,
    samplesPerSecond,
    memoryBytes: Math.ceil((emptyServerBytes + series * bytesPerSeries) / (256 * mebibyte)) * 256 * mebibyte,
    diskBytes: Math.ceil(blocks / diskShare / gibibyte) * gibibyte,
  };
}

const daySeconds = 86_400;

/** Whole days of samples that a volume holds. */
export function retentionDays(diskBytes: number, samplesPerSecond: number): number {
  return Math.floor((diskBytes * diskShare) / (samplesPerSecond * bytesPerSample * daySeconds));
}
