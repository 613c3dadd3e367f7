import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Kafka } from "../../components/config/data-ads.ts";
import { kafkaDiskNeed, kafkaMistakes, kafkaNetworkNodes, planKafka } from "../../components/data/kafka-plan.ts";
import { gibibyte } from "../../components/kube/quantities.ts";
import { kafkaCallers, kafkaTopics } from "../support/ads/rows.ts";

describe("the plan of Kafka", () => {
  it("refuses an even number that decides, topics that do not fit, and topics without a row", () => {
    const mistakes = (changes: object, rows = kafkaTopics) => {
      const kafka = Kafka.parse(changes);
      return kafkaMistakes("ads.kafka", kafka, planKafka(kafka, rows, kafkaCallers));
    };
    assert.deepEqual(mistakes({}), []);
    assert.deepEqual(mistakes({ brokers: 4, controllers: 3 }), []);
    assert.deepEqual(
      mistakes({ brokers: 4 }).map((one) => one.path),
      ["ads.kafka.brokers"],
    );
    // 12 copies of 1.25Gi and 6 of 2.25Gi on each of three brokers.
    assert.equal(kafkaDiskNeed(Kafka.parse({}), kafkaTopics), 28.5 * gibibyte);
    const [full] = mistakes({ diskSize: "35Gi" });
    assert.equal(full?.path, "ads.kafka.diskSize");
    assert.match(full?.want ?? "", /bids 12 x 3 copies x 1Gi \+ clicks 6 x 3 copies x 2Gi.* = 28.5Gi on one/);
    assert.match(full?.fix ?? "", /raise it to 36Gi/);
    assert.deepEqual(mistakes({ diskSize: "36Gi" }), []);
    const [unknown] = mistakes({}, kafkaTopics.slice(0, 1));
    assert.deepEqual(unknown?.got, ["clicks"]);
  });

  it("is a part of the network with every port that it needs", () => {
    const nodes = (changes: object) => {
      const kafka = Kafka.parse(changes);
      return kafkaNetworkNodes({
        kafka,
        apiServerCidrs: ["10.0.0.0/8"],
        plan: planKafka(kafka, kafkaTopics, kafkaCallers),
      });
    };
    const api = { to: "addresses", cidrs: ["10.0.0.0/8"], ports: [443, 6443] };
    const [kafka, entity] = nodes({});
    assert.deepEqual(kafka?.calls, [{ to: "kafka", ports: [9090, 9091] }, api]);
    assert.deepEqual(kafka?.foreignCallers, [{ namespace: "strimzi", ports: [9090, 9091, 8443] }]);
    assert.deepEqual(kafka?.scrapes, [{ port: 9404 }]);
    assert.deepEqual(entity?.calls, [{ to: "kafka", ports: [9091] }, api]);
    const apart = nodes({ brokers: 4, controllers: 3, rackAware: false });
    assert.deepEqual(
      apart.map((node) => node.name),
      ["kafka", "kafka-controller", "kafka-entity-operator"],
    );
    assert.deepEqual(apart[0]?.calls, [
      { to: "kafka", ports: [9091] },
      { to: "kafka-controller", ports: [9090] },
    ]);
  });
});
