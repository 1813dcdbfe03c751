//go:build !linux

package disk

// IsRemote is false on this system, whose answer names file systems in another way than
// Linux does.
func IsRemote(string) (kind string, remote bool) { return "", false }
