//go:build linux

package promises

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"sync"

	"pagesession/storage/record"
)

// recovered judges a new server by what was asked of the one that died.
func (a *arena) recovered(s *server, d death) error {
	found, err := a.survey(s)
	if err != nil {
		if !s.alive() {
			a.ledger.fault("P6", "the server died after its start: %v: %s", s.err, s.lastWords())
			return errBroken
		}
		return err
	}
	a.ledger.judge(d, found)
	return nil
}

// survey asks a server for every id that may be live or has been, and for all that it
// has.
func (a *arena) survey(s *server) (survey, error) {
	found := survey{seen: map[string]sighting{}}
	ids := a.ledger.live()
	for _, past := range a.ledger.past() {
		ids = append(ids, past.id)
	}
	if err := a.peekAll(s, ids, found.seen); err != nil {
		return found, err
	}
	if a.unlisted {
		return found, nil
	}
	err := a.list(s, &found)
	return found, err
}

// peekAll fills in what the server says of each id.
func (a *arena) peekAll(s *server, ids []string, into map[string]sighting) error {
	const visitors = 8
	var all sync.WaitGroup
	var mu sync.Mutex // protects into and failed
	var failed error
	for i := range visitors {
		all.Go(func() {
			v := s.visitor(a.ledger)
			defer v.close()
			for n := i; n < len(ids) && s.alive(); n += visitors {
				got, err := v.peek(ids[n])
				mu.Lock()
				into[ids[n]] = got
				if err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return failed
}

// list fills in everything live, as operators see it.
func (a *arena) list(s *server, found *survey) error {
	for total := 1; len(found.listed) < total; {
		out, err := a.command(s, "sessions", "list", "--limit", strconv.Itoa(record.MaxLimit), "--offset", strconv.Itoa(len(found.listed)), "--json")
		if err != nil {
			return fmt.Errorf("list the sessions: %w: %s", err, out)
		}
		var page struct {
			Total    int
			Sessions []struct{ Handle, Name string }
		}
		if err := json.Unmarshal(out, &page); err != nil {
			return fmt.Errorf("list the sessions: %w: %.200q", err, out)
		}
		for _, row := range page.Sessions {
			found.listed = append(found.listed, listed{row.Handle, row.Name})
		}
		if total = page.Total; len(page.Sessions) == 0 {
			break
		}
	}
	return nil
}

// command runs a command of the product on a server's data.
func (a *arena) command(s *server, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(a.ctx, a.product, append(args, "--data-dir", s.data)...)
	cmd.Env = append(plainEnv(), a.env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		out = failed.Stderr
	}
	return out, err
}
