//go:build !linux

package app

// memoryLimit returns 0: no limit is known.
func memoryLimit() int64 { return 0 }
