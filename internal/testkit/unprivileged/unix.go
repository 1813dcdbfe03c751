//go:build unix

package unprivileged

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// Available returns nil: Unix has such users.
func Available() error { return nil }

// account returns the user that runs the server if the test runs as root. ok is false
// for other users, which run the server themselves.
func account() (who syscall.Credential, ok bool, err error) {
	if os.Geteuid() != 0 {
		return who, false, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return who, false, err
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	return syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, true, errors.Join(uidErr, gidErr)
}

// Own gives a file or folder to the server's user.
func Own(path string) error {
	who, ok, err := account()
	if err != nil || !ok {
		return err
	}
	return os.Chown(path, int(who.Uid), int(who.Gid))
}

// As makes cmd run as the server's user, in a group of its own, so that Ctrl-C at the
// test does not stop the server before the test has ended.
func As(cmd *exec.Cmd) error {
	who, ok, err := account()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if ok {
		cmd.SysProcAttr.Credential = &who
	}
	return err
}
