//go:build !linux

package app

// machineMemory returns 0: it is unknown.
func machineMemory() int64 { return 0 }

// unsynchronized returns false: this system does not say.
func unsynchronized() bool { return false }
