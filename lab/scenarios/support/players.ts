/** Players on game servers as plain numbers, and what an autoscaler makes of them. */

/** Players of each server, by the name of its pod. */
export type Seats = ReadonlyMap<string, number>;

/** Shares players out evenly; the first pods have one more where they do not divide. */
export function seatPlayers(players: number, pods: readonly string[]): Seats {
  const each = Math.floor(players / pods.length);
  const rest = players - each * pods.length;
  return new Map(pods.map((pod, index) => [pod, each + (index < rest ? 1 : 0)]));
}

/**
 * What becomes of the players when pods come and go. Nobody moves because a server is new; those of a server that is
 * gone are moved evenly to the others, as its drain does it.
 */
export function reseatPlayers(seats: Seats, pods: readonly string[]): Seats {
  const homeless = [...seats].filter(([pod]) => !pods.includes(pod)).reduce((sum, [, players]) => sum + players, 0);
  const moved = seatPlayers(homeless, pods);
  return new Map(pods.map((pod) => [pod, (seats.get(pod) ?? 0) + (moved.get(pod) ?? 0)]));
}

/** Everybody who plays. */
export function allPlayers(seats: Seats): number {
  return [...seats.values()].reduce((sum, players) => sum + players, 0);
}

/** Share of the aim by which the load may differ without any change (--horizontal-pod-autoscaler-tolerance). */
const tolerance = 0.1;

/** Servers that players ask for beside `replicas` that run: the arithmetic of the HorizontalPodAutoscaler's controller. */
export function wantedServers(
  players: number,
  replicas: number,
  bounds: { playersPerServer: number; minReplicas: number; maxReplicas: number },
): number {
  const { playersPerServer, minReplicas, maxReplicas } = bounds;
  const ratio = players / (playersPerServer * replicas);
  const isWithin = ratio >= 1 - tolerance && ratio <= 1 + tolerance;
  const wanted = isWithin ? replicas : Math.ceil(players / playersPerServer);
  return Math.min(Math.max(wanted, minReplicas), maxReplicas);
}

const factors: Readonly<Record<string, number>> = { m: 0.001, "": 1, k: 1000, M: 1_000_000 };

/** A number as the API of metrics writes it: "7500", "8k", "1600500m". */
export function metricValue(text: string): number {
  const [, number, unit = ""] = /^(\d+)([mkM]?)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`"${text}" is no value of a metric`);
  return Number(number) * (factors[unit] ?? 1);
}
