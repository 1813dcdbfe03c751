package file

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// What was read of a mapped file no longer counts as this process's memory, and can be read again.
func TestUnmapRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	const size = 4 << 20
	if err := os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	b, err := unix.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(b) }()
	if n := strings.Count(string(b), "x"); n != size {
		t.Fatalf("%d bytes", n)
	}
	if kb := residentOf(t, path); kb < size>>10 {
		t.Fatalf("%d kB are resident after all were read; want %d", kb, size>>10)
	}
	if err := unmapRead(f); err != nil {
		t.Fatal(err)
	}
	if kb := residentOf(t, path); kb != 0 {
		t.Errorf("%d kB are resident still", kb)
	}
	if n := strings.Count(string(b), "x"); n != size {
		t.Errorf("then the file has %d of %d bytes", n, size)
	}
}

// residentOf returns the kB of a mapped file that count as this process's memory.
func residentOf(t *testing.T, path string) (kb int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	of := false
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		switch {
		case strings.HasSuffix(strings.TrimSpace(line), path):
			of = true
		case of && fields[0] == "Rss:":
			for _, digit := range fields[1] {
				kb = 10*kb + int(digit-'0')
			}
			return kb
		}
	}
	t.Fatalf("%s is not mapped", path)
	return 0
}

func TestMapOf(t *testing.T) {
	for line, want := range map[string]bool{
		"7f00-7f80 r--s 00000000 fe:00 1234   /data/sessions.db":           true,
		"7f00-7f80 r--s 00000000 fe:00 1234   /data/sessions.db (deleted)": true,
		"7f00-7f80 r--s 00000000 fe:00 123    /data/sessions.db":           false,
		"7f00-7f80 rw-p 00000000 fe:00 1234   /data/sessions.db":           false,
		"7f00-7f80 rw-p 00000000 00:00 0":                                  false,
		"7f80-7f00 r--s 00000000 fe:00 1234   /data/sessions.db":           false,
		"": false,
	} {
		if from, to, ok := mapOf(line, "1234"); ok != want || ok && (from != 0x7f00 || to != 0x7f80) {
			t.Errorf("mapOf(%q) = %x, %x, %v; want %v", line, from, to, ok, want)
		}
	}
}
