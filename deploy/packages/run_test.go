package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestRun_MissingProgram(t *testing.T) {
	r := run{source: "../..", dist: t.TempDir(), say: io.Discard}
	err := r.make(t.Context())
	if err == nil || !strings.Contains(err.Error(), "run go run ./deploy/dist first") {
		t.Errorf("without programs: %v; want what to run", err)
	}
}

// TestReadPrograms_One: the program for one processor is enough, and the other one is named. The
// test itself stands for the program.
func TestReadPrograms_One(t *testing.T) {
	if runtime.GOOS != "linux" || !slices.Contains(architectures, runtime.GOARCH) {
		t.Skip("needs Linux on a processor that has packages")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "linux-"+runtime.GOARCH)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "pagesession")); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	list, err := readPrograms(filepath.Dir(folder), &said)
	if err != nil || len(list) != 1 || list[0].arch != runtime.GOARCH {
		t.Errorf("readPrograms = %+v, %v; want the one for %s", list, err, runtime.GOARCH)
	}
	if !strings.Contains(said.String(), "no packages for") || strings.Contains(said.String(), runtime.GOARCH) {
		t.Errorf("readPrograms said %q; want the other processor", said.String())
	}
}

// TestReadProgram_OtherProcessor: a program in the folder of another processor is refused. The
// test itself stands for it.
func TestReadProgram_OtherProcessor(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = readProgram(self, "none")
	if err == nil || !strings.Contains(err.Error(), "run go run ./deploy/dist again") {
		t.Errorf("readProgram for another processor: %v; want what to run", err)
	}
}

// TestRunsHere_None: no program runs, so the error says where one would.
func TestRunsHere_None(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pagesession")
	if err := os.WriteFile(path, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := runsHere(t.Context(), []program{{path: path}})
	if err == nil || !strings.Contains(err.Error(), "run this on Linux") {
		t.Errorf("runsHere: %v; want what to do", err)
	}
}

func TestCopyright(t *testing.T) {
	license, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	got := copyright(string(license))
	for _, want := range []string{"\nCopyright: 2026 pagesession authors\n", "\nLicense: MIT\n Permission is hereby granted", "\n .\n The above copyright", "\n SOFTWARE.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("copyright lacks %q:\n%s", want, got)
		}
	}
}
