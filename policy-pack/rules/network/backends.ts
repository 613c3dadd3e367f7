/** Where Ingresses and routes lead. */
import type { KubeObject } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import { defaultBackend, hostRules, pathsOf } from "./ingress-rules.ts";

/** Where traffic is led to. */
export interface Backend {
  object: KubeObject;
  name: Field;
  /** Absent: that of the object. */
  namespace?: Field;
  /** A number, or the name of a port of the Service. */
  port: Field;
}

/** Backends of an Ingress. */
export function backendsOfIngress(object: KubeObject): Backend[] {
  const fields = [
    defaultBackend(object),
    ...hostRules(object)
      .flatMap(pathsOf)
      .map((one) => one.at("backend")),
  ];
  return fields.flatMap((field) => {
    const service = field.at("service");
    // Backends that are no Service, such as a bucket, are a matter of their controller.
    if (field.unknown) return [{ object, name: field, port: field }];
    if (field.absent || !field.at("resource").absent) return [];
    if (!service.absent) {
      const [name, number] = [service.at("port", "name"), service.at("port", "number")];
      return [{ object, name: service.at("name"), port: name.absent ? number : name }];
    }
    // Until networking.k8s.io/v1.
    return [{ object, name: field.at("serviceName"), port: field.at("servicePort") }];
  });
}

/** Backends of a route of the Gateway API that are Services, mirrors too. */
export function backendsOfRoute(object: KubeObject): Backend[] {
  return object.root
    .at("spec", "rules")
    .items()
    .flatMap((rule) => [
      ...rule.at("backendRefs").items(),
      ...rule
        .at("filters")
        .items()
        .map((filter) => filter.at("requestMirror", "backendRef")),
    ])
    .filter(
      (ref) => !ref.absent && (ref.at("kind").text ?? "Service") === "Service" && (ref.at("group").text ?? "") === "",
    )
    .map((ref) => ({ object, name: ref.at("name"), namespace: ref.at("namespace"), port: ref.at("port") }));
}
