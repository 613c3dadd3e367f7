// Prints the stages that kwok carries inside for nodes and pods, so that a configuration file can hold them together with
// the lab's own stages: kwok reads either its own or those of a file, never both.
package main

import (
	"fmt"

	metricsresource "sigs.k8s.io/kwok/kustomize/metrics/resource"
	metricsusage "sigs.k8s.io/kwok/kustomize/metrics/usage"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	nodelease "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

func main() {
	for _, document := range []string{
		nodefast.DefaultNodeInit, nodelease.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodReady, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
		metricsresource.DefaultMetricsResource, metricsusage.DefaultUsageFromAnnotation,
	} {
		fmt.Println("---")
		fmt.Println(document)
	}
}
