/** Whether the other regions can carry the players of a lost one. */

/** A region as the sum sees it. */
export interface RegionPlayers {
  region: string;
  /** Players that the region is planned for. */
  capacityPlayers: number;
  /** Players that its fleet holds at its maximum. */
  maximumPlayers: number;
}

/** One line: region lost, players to carry, room elsewhere. */
export interface RegionLoss {
  lost: string;
  /** Planned players of all regions together, the lost one's included. */
  players: number;
  /** Players that the remaining fleets hold at their maxima. */
  room: number;
  fits: boolean;
}

/** One line for each region; empty with a single region, whose loss nothing can carry. */
export function regionLosses(regions: readonly RegionPlayers[]): RegionLoss[] {
  if (regions.length < 2) return [];
  const players = regions.reduce((whole, region) => whole + region.capacityPlayers, 0);
  return regions.map(({ region }) => {
    const room = regions
      .filter((other) => other.region !== region)
      .reduce((whole, other) => whole + other.maximumPlayers, 0);
    return { lost: region, players, room, fits: room >= players };
  });
}
