//go:build kubeadm

package main

import (
	"os"

	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/metrics"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
)

// What a node of kind needs besides: kubeadm, and the parts of CoreDNS that its Corefile names.
func init() {
	programs["kubeadm"] = func() {
		if err := kubeadm.Run(); err != nil {
			os.Exit(1)
		}
	}
}
