//go:build unix

package app

import "syscall"

// allowedFiles returns how many files and connections this process may have open; 0 if that is
// unknown. Go has raised the limit as far as the system allows.
func allowedFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) // it is signed on some systems
}
