//go:build !race

package storage_test

// raceDetector says that the race detector slows everything down.
const raceDetector = false
