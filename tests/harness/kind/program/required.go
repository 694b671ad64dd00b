//go:build required

// Package required names the program that is compiled from this module: kind itself.
package required

import _ "sigs.k8s.io/kind"
