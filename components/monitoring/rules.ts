/** Every rule of a region. */
import type { RuleGroup } from "./alerts/alert.ts";
import { gameAlerts } from "./alerts/game.ts";
import { objectiveRules } from "./alerts/objectives.ts";
import { platformAlerts } from "./alerts/platform.ts";
import { recordingRules } from "./alerts/recordings.ts";
import { serviceAlerts } from "./alerts/services.ts";
import { storeAlerts } from "./alerts/stores.ts";
import type { Watched } from "./watched.ts";

/** Recordings, then alerts from players down to nodes. `plannedSeries`: what capacity expects one Prometheus to hold. */
export function rulesOf(watched: Watched, plannedSeries: number): RuleGroup[] {
  return [
    ...recordingRules(watched),
    ...gameAlerts(watched),
    ...serviceAlerts(watched),
    ...objectiveRules(watched),
    ...storeAlerts(watched),
    ...platformAlerts(watched, { plannedSeries }),
  ];
}
