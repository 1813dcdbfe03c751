//go:build linux

package promises

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pagesession/storage/record"
)

// idsAttack offers ids and cookies that the server has never issued.
func idsAttack() Attack {
	return Attack{
		Name: "ids", About: "a second a cycle of cookies that the server never issued: random and mutated ids, hashes, doubled cookies, odd bytes",
		Promises: []string{"P7"}, CI: 60, Long: 1800, Run: runIDs,
	}
}

const (
	forgers = 4
	victims = 200 // sessions whose ids are mutated
)

func runIDs(a *arena) error {
	s, err := a.boot(setup{idle: time.Hour})
	if err != nil {
		return err
	}
	prey := a.populate(s, victims)
	err = a.each(func(int) error {
		end := time.Now().Add(time.Second)
		var all sync.WaitGroup
		for range forgers {
			f := a.forger(s, prey)
			all.Go(func() {
				defer f.close()
				for time.Now().Before(end) && s.alive() {
					f.try()
				}
			})
		}
		all.Wait()
		return a.untouched(s, prey)
	})
	if err != nil {
		return err
	}
	a.hashesOnly(s, prey)
	d := s.kill()
	a.panicked(s)
	if s, err = a.boot(setup{idle: time.Hour}); err != nil {
		return err
	}
	return a.recovered(s, d)
}

// untouched judges that no forged cookie has read, extended, changed or ended a session.
func (a *arena) untouched(s *server, prey []*account) error {
	seen := map[string]sighting{}
	ids := make([]string, len(prey))
	for i, x := range prey {
		ids[i] = x.id
	}
	if err := a.peekAll(s, ids, seen); err != nil {
		if !s.alive() {
			a.ledger.fault("P6", "the server ended: %v: %s", s.err, s.lastWords())
			return errBroken
		}
		return err
	}
	for _, x := range prey {
		got := seen[x.id]
		if !got.live() || got.name != x.born.name || got.idle != x.idle || got.dueMin > x.born.answered+x.idle+slack {
			a.ledger.fault("P7", "%s was touched by a forged cookie: it is %q (%s) until %v, named %q; want %q, live until %v",
				x, got.state, got.reason, got.dueMin, got.name, x.born.name, x.born.answered+x.idle)
		}
	}
	return nil
}

// hashesOnly judges that neither the data folder nor the log has an id.
func (a *arena) hashesOnly(s *server, prey []*account) {
	texts := map[string][]byte{"the log": []byte(s.said.String())}
	files, _ := filepath.Glob(filepath.Join(s.data, "*"))
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil { // a socket cannot be read
			texts[file] = b
		}
	}
	for name, text := range texts {
		for _, x := range prey {
			if bytes.Contains(text, []byte(x.id)) {
				a.ledger.fault("P7", "the id of %s is in %s", x, name)
			}
		}
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// randomID has the form of ids.
func randomID(rng *rand.Rand) string {
	id := make([]byte, 26)
	for i := range id {
		id[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(id)
}

// hashes are what a thief of the file or of a log finds.
func hashes(id string) []string {
	k := record.KeyOf(id)
	return []string{k.Handle().String(), k.Fingerprint(), string(k[:]), string(k[:16])}
}
