//go:build !linux

package main

// newWires uses what every system has.
var newWires = newNetWires
