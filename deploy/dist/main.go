// Dist builds what people download: the program for each system, packed, with checksums.
//
//	go run ./deploy/dist
//	go run ./deploy/dist --out /tmp/dist --only linux/amd64
//	go run ./deploy/dist weigh > table.md
//
// It writes OS-PROCESSOR/pagesession, pagesession-VERSION-OS-PROCESSOR.tar.gz (.zip for
// Windows) and SHA256SUMS, and replaces those of an earlier run. Version, commit and date come
// from Git, so it runs in a clone. From one commit and one version of Go it makes the same
// bytes in any folder of any machine.
//
// With weigh it says what each dependency takes of the program, as the table in
// docs/DEPENDENCIES.md. With overlay FOLDER it writes the file that replaces one of Go's there (see
// methodByName), and prints the flag for go build and go test.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// run builds and packs, and says on out what it made.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := pflag.NewFlagSet("go run ./deploy/dist", pflag.ContinueOnError)
	dir := flags.String("out", "dist", "write to this `folder`")
	only := flags.StringSlice("only", nil, "build for these systems only, such as `linux/amd64`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets, err := choose(*only)
	if err != nil {
		return err
	}
	d := &dist{source: ".", out: *dir, say: out, most: largest}
	switch {
	case flags.NArg() == 0:
		return d.make(ctx, targets)
	case flags.NArg() == 1 && flags.Arg(0) == "weigh":
		return d.weigh(ctx)
	case flags.NArg() == 2 && flags.Arg(0) == "overlay":
		flag, err := d.overlay(ctx, flags.Arg(1))
		if err == nil {
			fmt.Fprintln(out, flag)
		}
		return err
	default:
		return fmt.Errorf("unknown arguments %q; there are weigh and overlay FOLDER", flags.Args())
	}
}

// A target is a system and a processor, by Go's names.
type target struct{ os, arch string }

func (t target) String() string { return t.os + "/" + t.arch }

// dir is the name of the target's folder.
func (t target) dir() string { return t.os + "-" + t.arch }

// program is the name of the program there.
func (t target) program() string {
	if t.os == "windows" {
		return "pagesession.exe"
	}
	return "pagesession"
}

// targets are the systems that there are binaries for.
func targets() []target {
	var all []target
	for _, os := range []string{"linux", "darwin", "windows", "freebsd"} {
		all = append(all, target{os, "amd64"}, target{os, "arm64"})
	}
	return all
}

// choose returns the targets with these names; all for none.
func choose(names []string) ([]target, error) {
	if len(names) == 0 {
		return targets(), nil
	}
	known := map[string]target{}
	var list []string
	for _, t := range targets() {
		known[t.String()] = t
		list = append(list, t.String())
	}
	var chosen []target
	for _, name := range names {
		t, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("unknown system %q; choose from %s", name, strings.Join(list, ", "))
		}
		chosen = append(chosen, t)
	}
	return chosen, nil
}
