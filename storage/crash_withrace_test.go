//go:build race

package storage_test

// raceDetector says whether the race detector slows everything down.
const raceDetector = true
