package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// standIns replace programs in a view, by their names. Each returns its exit code.
var standIns = map[string]func(args []string) int{
	"sudo": sudo, "systemctl": systemctl, "go": goCommand, "wrk": wrk, "ssh": ssh, "podman": container, "docker": container, "kubectl": container,
}

// sudo runs its arguments, with -u as another user.
func sudo(args []string) int {
	if len(args) > 2 && args[0] == "-u" {
		who, err := user.Lookup(args[1])
		if err != nil {
			return fails(err)
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		if err := errors.Join(syscall.Setgroups([]int{gid}), syscall.Setgid(gid), syscall.Setuid(uid)); err != nil {
			return fails(err)
		}
		args = args[2:]
	}
	if len(args) == 0 {
		return fails(errors.New("sudo needs a command"))
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return fails(err)
	}
	return fails(syscall.Exec(path, args, os.Environ()))
}

func fails(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// systemctl asks the manager of the view.
func systemctl(args []string) int {
	conn, err := net.Dial("unix", filepath.Join(own, "systemd"))
	if err != nil {
		return fails(err)
	}
	var r reply
	if err := errors.Join(json.NewEncoder(conn).Encode(args), json.NewDecoder(conn).Decode(&r)); err != nil {
		return fails(err)
	}
	fmt.Print(r.Text)
	return r.Code
}

// goCommand has the programs of this checkout, which the test has built. Of the bench it runs
// only seed; of other scenarios it asks for the help, which has to have their flags.
func goCommand(args []string) int {
	switch {
	case slices.Equal(args, []string{"build", "."}):
		return runs("cp", filepath.Join(tooling, "pagesession"), "pagesession")
	case len(args) > 2 && args[0] == "run" && args[1] == "./bench" && args[2] == "seed":
		return runs(filepath.Join(tooling, "bench"), args[2:]...)
	case len(args) > 1 && args[0] == "run" && args[1] == "./bench":
		return runs(filepath.Join(tooling, "bench"), append(args[2:], "-help")...)
	case len(args) > 1 && args[0] == "mod":
		return runs("/opt/go/bin/go", args...)
	}
	return fails(fmt.Errorf("the stand-in for go does not know %q", args))
}

// runs runs a program. It prints its output only if it fails.
func runs(name string, args ...string) int {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fails(fmt.Errorf("%s: %w\n%s", name, err, out))
	}
	return 0
}

// wrk is the real one, for a second.
func wrk(args []string) int {
	for i, arg := range args {
		args[i] = regexp.MustCompile(`^-d\d+s$`).ReplaceAllString(arg, "-d1s")
	}
	return runs("/usr/bin/wrk", args...)
}

// ssh looks at a tunnel.
func ssh(args []string) int {
	if len(args) != 3 || args[0] != "-L" || !regexp.MustCompile(`^\d+:[\w.]+:\d+$`).MatchString(args[1]) {
		return fails(fmt.Errorf("ssh %q is no tunnel", args))
	}
	return 0
}

// container looks at what a container's program would be given: the files have to exist, a
// service or a pod has to be in the file of this folder or of deploy, and a command of
// pagesession has to be one.
func container(args []string) int {
	if name, file := target(args); name != "" {
		if text, err := os.ReadFile(file); err != nil || !regexp.MustCompile(`(?m)^ +(?:name: )?`+regexp.QuoteMeta(name)+`:?$`).Match(text) {
			return fails(fmt.Errorf("%s has no %s, %v", file, name, err))
		}
	}
	for i, arg := range args {
		if file := strings.TrimPrefix(arg, "--file="); i > 0 && (args[i-1] == "-f" || args[i-1] == "--file") || file != arg {
			if _, err := os.Stat(file); file != "-" && err != nil {
				return fails(err)
			}
		}
		if arg == "/pagesession" && slices.Contains(args[:i], "exec") {
			return helps(args[i+1:])
		}
	}
	return 0
}

// helps asks a command of pagesession for its help. Of an unknown one it is the program's.
func helps(args []string) int {
	out, err := exec.Command("pagesession", append(slices.Clone(args), "--help")...).CombinedOutput()
	if err != nil || len(args) > 0 && !strings.Contains(string(out), "Usage:\n  pagesession "+args[0]) {
		return fails(fmt.Errorf("pagesession %s is no command: %v\n%s", strings.Join(args, " "), err, out))
	}
	return 0
}

// target returns the service or the pod that a command is about, and the file that has it.
func target(args []string) (name, file string) {
	for i, arg := range args {
		if arg == "compose" {
			file = "compose.yml"
		}
		if pod, ok := strings.CutSuffix(strings.TrimPrefix(arg, "statefulset/"), "-0"); ok || pod != arg {
			return pod, "deploy/kubernetes.yaml"
		}
		if file != "" && i > 0 && args[i-1] == "exec" {
			return arg, file
		}
	}
	return "", ""
}
