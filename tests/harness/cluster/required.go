//go:build required

package main

import _ "github.com/prometheus/prometheus/cmd/prometheus" // compiled beside, from the same modules
