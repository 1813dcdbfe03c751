//go:build linux

package promises

import (
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
)

// backupAttack takes backups of a program with the product's pages. The product then
// starts on each of them, in another folder.
func backupAttack() Attack {
	return Attack{
		Name: "backup", About: "a backup under load, killed meanwhile in every second cycle, restored into another folder, and restarted there",
		Promises: []string{"P1", "P3", "P6", "P13"}, CI: 6, Long: 100, Run: runBackup,
	}
}

// A backup is one that was asked for.
type backup struct {
	path            string
	asked, answered time.Duration // answered is 0 without an answer
}

func runBackup(a *arena) error {
	a.unlisted = true // the program takes no commands
	c := &chain{arena: a, opt: setup{program: a.keeper}}
	err := a.each(func(i int) error {
		b := &backup{path: filepath.Join(a.dir, "backup.db")}
		err := c.next(func(s *server) death {
			a.noRemains("after a start", a.data)
			a.populate(s, 500)
			return c.under(s, 8, func(s *server) death { return c.backUp(s, b, i%2 == 1) })
		})
		if err != nil {
			return err
		}
		return a.restored(b, c.last)
	})
	if err != nil {
		return err
	}
	return c.close()
}

// backUp asks for a backup, and kills the server: at once, or a while after the answer.
func (c *chain) backUp(s *server, b *backup, atOnce bool) death {
	c.pause(c.between(50*time.Millisecond, 300*time.Millisecond))
	answered := make(chan struct{})
	b.asked = now()
	go func() {
		defer close(answered)
		c.askBackup(s, b)
	}()
	if atOnce {
		c.pause(c.between(time.Millisecond, 60*time.Millisecond))
	} else {
		<-answered
		c.pause(200 * time.Millisecond)
	}
	d := s.kill()
	<-answered
	return d
}

// askBackup asks for a backup and waits for the answer.
func (a *arena) askBackup(s *server, b *backup) {
	conn := load.DialWithin(s.URL, 30*time.Second)
	defer conn.Close()
	_, err := conn.Do(fasthttp.MethodPost, "/backup/?to="+url.QueryEscape(b.path), "")
	switch {
	case err != nil:
	case conn.Answer.StatusCode() == fasthttp.StatusOK:
		b.answered = now()
	default:
		a.ledger.fault("P13", "a backup was answered %d: %.300q", conn.Answer.StatusCode(), conn.Answer.Body())
	}
}

// noRemains judges that nothing half is left in a folder: a copy that a backup was
// being made from, or a file that was moved aside as damaged.
func (a *arena) noRemains(when, data string) {
	for _, suffix := range []string{".copying-*", ".damaged-*"} {
		if left, _ := filepath.Glob(filepath.Join(data, "sessions.db"+suffix)); len(left) > 0 {
			a.ledger.fault("P13", "%s the folder has %s", when, filepath.Base(left[0]))
		}
	}
}

// restored starts the product on a backup. Nothing in it lives, also after a restart,
// and it shows one moment.
func (a *arena) restored(b *backup, d death) error {
	_, err := os.Stat(b.path)
	switch {
	case err == nil:
	case b.answered > 0:
		a.ledger.fault("P13", "a backup was answered 200, and there is no file: %v", err)
		return nil
	default:
		return nil // killed before it was there
	}
	data := filepath.Join(a.dir, "restored")
	if err := restore(b.path, data); err != nil {
		return err
	}
	if b.answered == 0 {
		b.answered = d.at
	}
	for i := range 2 {
		if err := a.restart(b, data, i > 0); err != nil {
			return err
		}
	}
	return nil
}

// restore moves a backup into an empty folder.
func restore(path, data string) error {
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	return os.Rename(path, filepath.Join(data, "sessions.db"))
}

// restart starts the product in the folder of a restored backup, once more after a clean
// stop if again.
func (a *arena) restart(b *backup, data string, again bool) error {
	s, err := a.boot(setup{data: data})
	if err != nil {
		return err
	}
	a.noRemains("after a restore", data)
	found, err := a.everything(s)
	if err != nil {
		s.kill()
		return err
	}
	a.judgeRestored(b, found)
	if again {
		a.comesBack(s)
	}
	a.stop(s)
	a.panicked(s)
	return nil
}

// comesBack asks for changes with ids of the backup: visitors start anew.
func (a *arena) comesBack(s *server) {
	other := newLedger()
	v := s.visitor(other)
	defer v.close()
	for i, id := range a.ledger.live() {
		const enough = 20
		if i == enough {
			break
		}
		if got := v.rename(&account{id: id}, "restored"); got != no {
			a.ledger.fault("P13", "a change of %s in a restored backup was answered %q", &account{id: id}, got)
		}
	}
}
