package storage_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage"
)

// A trap makes one commit of a crash child fail, and kills the child a number of
// writes later: while its file is detached, while it builds the new one, or behind
// that.
type trap struct {
	set            atomic.Bool
	commits, after atomic.Int64 // since it was set; writes since the failure
	commit, write  int64        // the commit that fails, and the write that kills; 0: none
	how            fault
}

// trapEnv has the trap of a child: commit, fault, write.
const trapEnv = childEnv + "_TRAP"

func trapFromEnv() *trap {
	p := &trap{}
	_, _ = fmt.Sscan(os.Getenv(trapEnv), &p.commit, (*int)(&p.how), &p.write)
	return p
}

// under returns a configuration whose files have the trap.
func (p *trap) under(cfg storage.Config) storage.Config {
	if p.commit == 0 {
		return cfg
	}
	return storage.WithOpened(cfg, func(db *bbolt.DB) {
		metas := 2 * int64(db.Info().PageSize)
		storage.InterceptWrites(db, func(write func([]byte, int64) (int, error), b []byte, at int64) (int, error) {
			if !p.set.Load() {
				return write(b, at)
			}
			if p.after.Load() > 0 && p.after.Add(1) == p.write {
				self, _ := os.FindProcess(os.Getpid()) // never fails
				_ = self.Kill()
				select {}
			}
			if at >= metas || p.commits.Add(1) != p.commit {
				return write(b, at)
			}
			p.after.Add(1)
			if p.how == secondSync {
				_, _ = write(b, at)
			}
			return 0, syscall.EIO
		})
	})
}

// onTrap runs cycles in which the disk fails at one commit, and the child dies then
// or later. What it said of changes meanwhile and of refreshes is not promised then,
// so the ledger takes errors for no answer. Ends that were answered with
// ErrNotDurable may be undone. All else is judged as ever.
func (c *crashes) onTrap(cycles int, crash func(p *process, n int) time.Duration) {
	for i := range cycles {
		c.t.Setenv(trapEnv, fmt.Sprintf("%d %d %d", 1+c.rng.IntN(20), firstSync+fault(i%2), 2+c.rng.IntN(60)))
		c.cycle(5*i, func(p *process, n int) time.Duration {
			c.l.cutAt = 1
			return crash(p, n)
		})
	}
	c.t.Setenv(trapEnv, "")
	c.finish()
}

// A storage that is killed at any write after its file failed, or a moment after the
// new file took its place, loses nothing that was answered with nil.
func TestCrash_KillWhileDetached(t *testing.T) {
	c := &crashes{t: t, l: newLedger(), path: memoryDir(t) + "/sessions.db", seed: newSeed(t)}
	c.rng = rand.New(rand.NewPCG(c.seed, 0))
	c.onTrap(sized(20, 500), func(p *process, _ int) time.Duration {
		time.Sleep(time.Duration(50+c.rng.IntN(150)) * ms)
		c.l.lastAct = storage.SystemClock().Boot()
		return p.kill()
	})
}
