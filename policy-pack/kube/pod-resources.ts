/**
 * What a pod counts for, by the rules of upstream's `component-helpers/resource`: containers and sidecars together, or
 * the largest step of the init containers; pod-level resources in their place; overhead on top.
 */
import { type Container, containersOf, type PodTemplate } from "./pods.ts";
import {
  add,
  amountOf,
  inDoubt,
  largest,
  nothing,
  type ResourceList,
  readList,
  withMissing,
} from "./resource-lists.ts";

/** Requests and limits. */
export interface Size {
  requests: ResourceList;
  limits: ResourceList;
}

/** What one container asks for after every default. */
export interface ContainerSize extends Size {
  container: Container;
}

/** What a pod asks for. */
export interface PodSize extends Size {
  /** Init containers and containers; ephemeral containers have no resources. */
  containers: readonly ContainerSize[];
  /** Resources of the pod itself are set (`spec.resources`); undefined where that is unknown. */
  podLevel: boolean | undefined;
}

/** What shapes a pod from outside. */
export interface Shaping {
  /** Defaults of the namespace's limit ranges. */
  defaults?: Size;
  /** What an autoscaler may make of a container. */
  raise?(size: ContainerSize): ContainerSize;
  /** Overhead of the pod's runtime class; `spec.overhead` of the pod itself counts where this is absent. */
  overhead?: ResourceList;
}

const noDefaults: Size = { requests: nothing, limits: nothing };

/** Pod-level resources may set these (KEP-2837). */
function isPodLevel(resource: string): boolean {
  return resource === "cpu" || resource === "memory" || resource.startsWith("hugepages-");
}

/**
 * A container after the defaults, in the order in which the API server applies them: requests that are not set are the
 * limits; then the limit range fills in limits and requests.
 */
export function containerSize(container: Container, defaults: Size = noDefaults): ContainerSize {
  const limits = readList(container.field.at("resources", "limits"));
  const requests = withMissing(readList(container.field.at("resources", "requests")), limits);
  return {
    container,
    limits: withMissing(limits, defaults.limits),
    requests: withMissing(requests, defaults.requests),
  };
}

/**
 * What containers take together: they run beside each other and beside all sidecars, or, if that is more, the i-th init
 * container beside the sidecars before it.
 */
export function aggregate(sizes: readonly ContainerSize[], side: keyof Size): ResourceList {
  let running = nothing;
  let sidecars = nothing;
  let starting = nothing;
  for (const { container, [side]: own } of sizes) {
    if (container.list === "containers") {
      running = add(running, own);
    } else if (container.sidecar) {
      sidecars = add(sidecars, own);
    } else {
      // Whether it is a sidecar decides between a sum and a maximum: the maximum is the least that it can be.
      const step = container.field.at("restartPolicy").unknown ? inDoubt(own) : own;
      starting = largest(starting, add(sidecars, step));
    }
  }
  return largest(add(running, sidecars), starting);
}

function onlyPodLevel(list: ResourceList): ResourceList {
  return { amounts: new Map([...list.amounts].filter(([resource]) => isPodLevel(resource))), open: list.open };
}

// Of an open pod-level list anything may replace what the containers add up to, for less or for more.
function replaced(list: ResourceList, by: ResourceList): ResourceList {
  const amounts = new Map(list.amounts);
  if (by.open) for (const resource of amounts.keys()) amounts.set(resource, { least: 0n, exact: false });
  for (const [resource, amount] of by.amounts) amounts.set(resource, amount);
  return { amounts, open: list.open || by.open };
}

/** What a pod asks for, without overhead: what a limit range compares. */
export function podSize(pod: PodTemplate, shaping: Shaping = {}): PodSize {
  const { defaults = noDefaults, raise = (size) => size } = shaping;
  const own = containersOf(pod).filter(({ list }) => list !== "ephemeralContainers");
  const containers = own.map((container) => raise(containerSize(container, defaults)));
  const written = pod.spec.at("resources");
  const [limits, requests] = [written.at("limits"), written.at("requests")].map((field) =>
    onlyPodLevel(readList(field)),
  ) as [ResourceList, ResourceList];
  const set = limits.amounts.size + requests.amounts.size > 0;
  const whole: Size = { requests: aggregate(containers, "requests"), limits: aggregate(containers, "limits") };
  const podLevel = set ? true : limits.open || requests.open ? undefined : false;
  if (podLevel === false) return { ...whole, containers, podLevel };
  // The API server sets pod-level requests that are missing from the containers, and failing that from the limits of the
  // pod, before a limit range gives its defaults to containers.
  const plain = onlyPodLevel(
    aggregate(
      own.map((container) => containerSize(container)),
      "requests",
    ),
  );
  return {
    requests: replaced(whole.requests, withMissing(withMissing(requests, plain), limits)),
    limits: replaced(whole.limits, limits),
    containers,
    podLevel,
  };
}

/** A size with the overhead of its runtime: on every request, and on limits that are set and not zero. */
export function withOverhead(size: Size, overhead: ResourceList): Size {
  const limits = new Map(size.limits.amounts);
  for (const [resource, extra] of overhead.amounts) {
    const limit = limits.get(resource);
    if (limit === undefined || (limit.exact && limit.least === 0n)) continue;
    limits.set(resource, { least: limit.least + extra.least, exact: limit.exact && extra.exact });
  }
  return {
    requests: add(size.requests, overhead),
    limits: {
      amounts: overhead.open ? inDoubt({ ...size.limits, amounts: limits }).amounts : limits,
      open: size.limits.open,
    },
  };
}

/** The overhead that a pod says itself. */
export function ownOverhead(pod: PodTemplate): ResourceList {
  return readList(pod.spec.at("overhead"));
}

/**
 * Whether the pod is of the class BestEffort: no container asks for CPU or memory, nor does the pod itself. Undefined
 * where an unknown value decides.
 */
export function isBestEffort(size: PodSize): boolean | undefined {
  let doubt = size.podLevel === undefined;
  const lists = [size.requests, size.limits, ...size.containers.flatMap((one) => [one.requests, one.limits])];
  for (const list of lists) {
    for (const resource of ["cpu", "memory"]) {
      const amount = amountOf(list, resource);
      if (amount === undefined) continue;
      if (amount.least > 0n) return false;
      if (!amount.exact) doubt = true;
    }
  }
  return doubt ? undefined : true;
}
