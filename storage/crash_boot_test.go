package storage_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// Of several processes that start on one file at once, exactly one gets it. The
// others stop within five seconds, name that process, and leave all files as they
// are.
func TestCrash_BootRace(t *testing.T) {
	for i := range sized(4, 100) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		bootFile(t, path)
		wait := 100 * ms
		if i == 0 {
			wait = 0 // the default
		}
		if bootRace(t, path, wait); t.Failed() {
			return
		}
	}
}

// bootFile makes a session file with some sessions in it.
func bootFile(t *testing.T, path string) {
	t.Helper()
	s := open(t, childConfig(path, storage.SystemClock()))
	mustCreate(t, s, "a", record.Lifetime{Idle: time.Hour})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func bootRace(t *testing.T, path string, wait time.Duration) {
	var boots []*boot
	for range 4 {
		boots = append(boots, startBoot(t, path, wait))
	}
	var winner *boot
	for _, b := range boots {
		if b.ask() == "won" {
			if winner != nil {
				t.Fatalf("processes %d and %d both have the file", winner.cmd.Process.Pid, b.cmd.Process.Pid)
			}
			winner = b
		}
	}
	if winner == nil {
		t.Fatal("no process got the file")
	}
	// The winner does nothing more, so the file stays as it made it.
	before := fileState(t, path)
	late := startBoot(t, path, wait)
	for _, b := range append(boots, late) {
		if b == winner {
			continue
		}
		word := b.ask()
		if want := fmt.Sprintf("in use: storage: session file %q is used by process %d", path, winner.cmd.Process.Pid); word != want {
			t.Errorf("a process without the file reports %q; want %q", word, want)
		}
		if b.took > 5*time.Second {
			t.Errorf("a process without the file stopped after %v; want at most 5s", b.took)
		}
	}
	if after := fileState(t, path); after != before {
		t.Errorf("a process without the file changed it: %s; want %s", after, before)
	}
	_ = winner.cmd.Process.Kill()
	_ = winner.cmd.Wait()
	if next := startBoot(t, path, wait); next.ask() != "won" {
		t.Errorf("the file cannot be opened after its owner was killed: %s", next.answer)
	}
}

// fileState describes the file; the other processes must not change it.
func fileState(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(path)
	names, _ := filepath.Glob(filepath.Dir(path) + "/*")
	return fmt.Sprintf("%s %v %v %v", digest(b), info.ModTime(), info.Mode(), names)
}

// A boot is a process that opens the file and keeps it open.
type boot struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	answer string
	took   time.Duration
}

const bootEnv = "PAGESESSION_BOOT_CHILD"

// bootChild runs in that process.
func bootChild(path string) {
	wait, _ := time.ParseDuration(os.Getenv(bootEnv + "_WAIT"))
	start := time.Now()
	_, err := storage.Open(storage.Config{Database: path, Timeout: wait})
	word := "won"
	if errors.Is(err, storage.ErrInUse) {
		word = "in use: " + err.Error()
	} else if err != nil {
		word = err.Error()
	}
	_, _ = fmt.Fprintf(os.NewFile(3, "answer"), "%d %s\n", time.Since(start), word)
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent is done
	os.Exit(0)
}

func startBoot(t *testing.T, path string, wait time.Duration) *boot {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := &boot{cmd: exec.Command(exe), out: bufio.NewReader(r)}
	var stderr bytes.Buffer
	b.cmd.Env = append(os.Environ(), bootEnv+"="+path, bootEnv+"_WAIT="+wait.String())
	b.cmd.ExtraFiles, b.cmd.Stderr = []*os.File{w}, &stderr
	if _, err := b.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait()
		_ = r.Close()
		if stderr.Len() > 0 {
			t.Logf("child: %s", stderr.Bytes())
		}
	})
	return b
}

// ask waits for the process's answer.
func (b *boot) ask() string {
	if b.answer == "" {
		line, _ := b.out.ReadString('\n')
		took, word, _ := strings.Cut(strings.TrimSpace(line), " ")
		_, _ = fmt.Sscan(took, (*int64)(&b.took))
		b.answer = word
	}
	return b.answer
}
