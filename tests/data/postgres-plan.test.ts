import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { Postgres } from "../../components/config/data-ads.ts";
import { planPostgres, postgresConnectionMistakes, postgresRoles } from "../../components/data/postgres-plan.ts";
import { callingService, postgresCallers } from "../support/ads/rows.ts";

const config = Postgres.parse({});

describe("the plan of PostgreSQL", () => {
  it("refuses pools that are more than the server accepts", () => {
    const plan = planPostgres(config, postgresCallers);
    assert.equal(podsAtPeak(plan.poolers).total, 4);
    assert.deepEqual(
      postgresRoles(config, plan).map((role) => role.connectionLimit),
      [40, 40, 5, 5, 5],
    );
    assert.deepEqual(postgresConnectionMistakes("ads.postgres", config, plan), []);
    const large = Postgres.parse({ pooler: { poolSize: 20 } });
    const [mistake, ...rest] = postgresConnectionMistakes("ads.postgres", large, planPostgres(large, postgresCallers));
    assert.deepEqual(rest, []);
    assert.equal(mistake?.path, "ads.postgres.pooler.poolSize");
    assert.match(
      mistake?.want ?? "",
      /2 users x 4 poolers at their peak x 20 \+ migrations 5 \+ backup 5 \+ restore 5 = 175 connections, at most 160 = 80 %/,
    );
    // The largest that fits, and one more.
    const at = (poolSize: number) => {
      const one = Postgres.parse({ pooler: { poolSize } });
      return postgresConnectionMistakes("p", one, planPostgres(one, postgresCallers)).length;
    };
    assert.deepEqual([at(18), at(19)], [0, 1]);
  });

  it("refuses callers that one pooler could not carry while the others are drained", () => {
    const small = Postgres.parse({ pooler: { maxClients: 150 } });
    const [mistake] = postgresConnectionMistakes("ads.postgres", small, planPostgres(small, postgresCallers));
    assert.equal(mistake?.path, "ads.postgres.campaign");
    const pods = podsAtPeak(callingService).total;
    assert.match(mistake?.want ?? "", new RegExp(`campaign-service ${pods} pods x 10 .* = ${pods * 15}, at most`));
  });
});
