/** How much traffic there must be before a share or a percentile of it means anything (judgement, both). */

/** Requests per second for a percentile: of 300 requests in five minutes the 99th leaves out three. */
export const leastForPercentile = 1;

/** Requests per second for a share of failures: 60 requests in five minutes. */
export const leastForShare = 0.2;
