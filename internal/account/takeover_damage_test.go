package account_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

// takeoverEnv makes the test binary take over the accounts of a folder. Its value is the
// path of the SQLite file.
const takeoverEnv = "PAGESESSION_TEST_ACCOUNTS_TAKEOVER"

// damages are the kinds of damage to a file.
var damages = []func(r *rand.Rand, b []byte) []byte{
	func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b },        // a flipped bit
	func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },                            // cut
	func(r *rand.Rand, b []byte) []byte { clear(b[r.IntN(len(b)/4096)*4096:][:4096]); return b }, // a page of zeros
	func(r *rand.Rand, b []byte) []byte { swapPages(b, r.IntN(len(b)/4096), r.IntN(len(b)/4096)); return b },
	func(r *rand.Rand, b []byte) []byte {
		copy(b[r.IntN(len(b)/4096)*4096:][:64], b[r.IntN(len(b)/4096)*4096:])
		return b
	}, // a wrong head of a page
}

func swapPages(b []byte, i, j int) {
	one := bytes.Clone(b[i*4096:][:4096])
	copy(b[i*4096:][:4096], b[j*4096:][:4096])
	copy(b[j*4096:][:4096], one)
}

// A damaged old file is refused with what to do, or taken over as far as bbolt can read
// it: its format has no checksums. It never stops the process, and stays as it is.
func TestTakeover_DamagedOldFile(t *testing.T) {
	const files = 100
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	takesOverDamaged(t, seed, files)
	takesOverDamaged(t, 1796051851835388400, 11) // the last one has two entries with one number
}

func takesOverDamaged(t *testing.T, seed uint64, files int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for i := range files {
		f := goldenFolder(t, "")
		damaged := damages[i%len(damages)](r, bytes.Clone(golden(t, "accounts-v1.db")))
		f.write("accounts.db", damaged)
		err := f.open()
		if err == nil {
			continue // a free page, a text
		}
		refused++
		if !strings.Contains(err.Error(), "accounts.db") || !strings.Contains(err.Error(), "cannot be read") && !strings.Contains(err.Error(), "newer version") {
			t.Errorf("file %d: %v; want an error with the file's name and what to do", i, err)
		}
		if !bytes.Equal(f.read("accounts.db"), damaged) || f.has("accounts.db.migrated") {
			t.Errorf("file %d: a refusal changed the old file", i)
		}
	}
	if refused < files/4 {
		t.Errorf("%d of %d damaged files were refused; want at least a quarter", refused, files)
	}
}

// One of the two heads of a file that is broken would undo the last change in silence.
func TestTakeover_BrokenHead(t *testing.T) {
	for _, at := range []int{16, 4096 + 16} {
		f := goldenFolder(t, "")
		b := golden(t, "accounts-v1.db")
		b[at+48] ^= 1
		f.write("accounts.db", b)
		if err := f.open(); err == nil || !strings.Contains(err.Error(), "meta page at byte") {
			t.Errorf("head at %d: %v; want a refusal", at, err)
		}
	}
}

// A file with a page that points to itself must not be followed forever.
func TestTakeover_PagesInACircle(t *testing.T) {
	f := goldenFolder(t, "")
	b := golden(t, "accounts-v1.db")
	changed := 0
	for at := 2 * 4096; at < len(b); at += 4096 {
		if b[at+8] == 1 && b[at+9] == 0 { // a branch: let its first element be itself
			copy(b[at+16+8:][:8], b[at:][:8])
			changed++
		}
	}
	f.write("accounts.db", b)
	if err := f.open(); changed == 0 || err == nil || !strings.Contains(err.Error(), "used twice") {
		t.Errorf("%d circles: %v; want a refusal", changed, err)
	}
}

func TestTakeover_NewerFormatAndEmptyFile(t *testing.T) {
	for content, want := range map[string]string{"": "it is empty", "not a database": "cannot be read"} {
		f := goldenFolder(t, "")
		f.write("accounts.db", []byte(content))
		if err := f.open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a file with %q: %v; want %q", content, err, want)
		}
	}
}

// Killed at any instant, a takeover is finished by a later start.
func TestCrash_Takeover(t *testing.T) {
	for cycle := range 15 {
		f := goldenFolder(t, "")
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), takeoverEnv+"="+f.path("accounts.sqlite"))
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(cycle) * 10 * time.Millisecond) // the instant of the kill
		_ = child.Process.Kill()
		_ = child.Wait()
		if err := f.open(); err != nil {
			t.Errorf("cycle %d: %v", cycle, err)
			continue
		}
		f.wantTaken(fmt.Sprintf("cycle %d", cycle))
	}
}

// takeoverChild takes over the accounts beside path.
func takeoverChild(path string) error {
	s, err := account.Open(context.Background(), account.Config{Path: path}.Cheap())
	if err != nil {
		return err
	}
	return s.Close()
}
