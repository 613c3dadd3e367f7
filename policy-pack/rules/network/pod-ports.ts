/** Ports that pods declare. */
import { containersOf, type PodTemplate } from "../../kube/pods.ts";

/** Ports of one pod, as `TCP/http` and `TCP/8080`. */
export interface PodPorts {
  names: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
  /** Something about them is not known yet. */
  vague: boolean;
}

const found = new WeakMap<PodTemplate, PodPorts>();

/** What all containers that keep running declare. Read once for each pod. */
export function portsOf(pod: PodTemplate): PodPorts {
  const known = found.get(pod);
  if (known !== undefined) return known;
  const [names, numbers] = [new Set<string>(), new Set<string>()];
  let vague = false;
  for (const { field, list, sidecar } of containersOf(pod)) {
    if (list !== "containers" && !sidecar) {
      // Ephemeral containers have no ports; an init container may turn out to keep running.
      vague ||= list === "initContainers" && field.at("restartPolicy").unknown;
      continue;
    }
    for (const port of field.at("ports").items()) {
      const [name, number, protocol] = [port.at("name"), port.at("containerPort"), port.at("protocol")];
      vague ||= name.unknown || number.unknown || protocol.unknown;
      if (protocol.unknown) continue;
      if (name.text !== undefined) names.add(`${protocol.text ?? "TCP"}/${name.text}`);
      if (number.number !== undefined) numbers.add(`${protocol.text ?? "TCP"}/${number.number}`);
    }
  }
  const ports = { names, numbers, vague };
  found.set(pod, ports);
  return ports;
}
