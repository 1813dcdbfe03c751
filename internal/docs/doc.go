// Package docs has tests that read README.md and the pages of docs/ as a new reader does: they
// run each block of shell, compare what a page shows with what a command prints, and look up each
// command and flag that the text names.
//
// The blocks run as root on Linux, in a view of the machine: namespaces of their own for mounts,
// network and processes, and a layer over the file system that is dropped at the end. So a block
// may install a systemd unit, listen on port 443 and write to /etc, and the machine stays as it
// is. pagesession is there the program of this checkout. A few programs that cannot run there,
// such as systemctl, are replaced by stand-ins that do what the pages need (standin_linux_test.go).
//
// table_test.go has what the pages need first, what is typed at prompts, and the commands that do
// not run here, each with its reason.
package docs
