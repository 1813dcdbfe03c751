//go:build unix

package postgres

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// canStart returns nil: Unix has users and sockets as PostgreSQL needs them.
func canStart() error { return nil }

// account returns the user that runs the server if the test runs as root, which
// PostgreSQL refuses. ok is false for other users.
func account() (who syscall.Credential, ok bool, err error) {
	if os.Geteuid() != 0 {
		return who, false, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return who, false, err
		}
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	return syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, true, errors.Join(uidErr, gidErr)
}

// own gives the folder to the server's user.
func own(dir string) error {
	who, ok, err := account()
	if err != nil || !ok {
		return err
	}
	return os.Chown(dir, int(who.Uid), int(who.Gid))
}

// as makes cmd run as the server's user, in a group of its own, so that Ctrl-C at the
// test does not stop the server before the test has ended.
func as(cmd *exec.Cmd) error {
	who, ok, err := account()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if ok {
		cmd.SysProcAttr.Credential = &who
	}
	return err
}
