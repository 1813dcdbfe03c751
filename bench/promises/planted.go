//go:build linux

package promises

import (
	"context"
	"fmt"
	"slices"
)

// plantedVariable names the bug that a server built with the tag planted has.
const plantedVariable = "PLANTED_BUG"

// A Bug is one that the build tag planted builds into the storage, and the attacks that
// must find it.
type Bug struct {
	Name    string
	About   string
	Promise string   // that it breaks
	By      []string // attacks; one that finds it is enough
}

// Bugs are all there are. A bench that cannot see them proves nothing.
func Bugs() []Bug {
	return []Bug{
		{"answer-before-fsync", "changes are answered before fsync", "P1", []string{"powercut", "replay"}},
		{"touch-as-upsert", "a refresh writes the whole session, and brings an ended one back", "P3", []string{"race"}},
		{"sweep-without-second-look", "the sweeper removes what it found a round before", "P5", []string{"boundary"}},
		{"deadline-off-by-one", "a session is served at its deadline: < for <=", "P4", []string{"boundary"}},
		{"ends-forgotten", "tombstones are forgotten at a restart", "P3", []string{"kill"}},
		{"failed-file-trusted", "a file is written again after a failed fsync", "P10", []string{"errors"}},
		{"reserve-not-kept", "a full file has no room left for ends", "P8", []string{"room"}},
		{"backup-unmarked", "a backup looks like the session file itself, so its sessions live on", "P13", []string{"backup"}},
		{"unknown-id-served", "an id that was never issued shows another session", "P7", []string{"ids"}},
	}
}

// A Catch is what became of a planted bug.
type Catch struct {
	Bug        string `json:"bug"`
	By         string `json:"by"` // the attack that found it; "": none
	Cycle      int    `json:"cycle"`
	Fault      string `json:"fault"`
	Impossible string `json:"impossible,omitempty"` // why an attack could not run
}

// plantedRun shows for each bug that an attack finds it within the cycles of CI.
func (b *bench) plantedRun(ctx context.Context) error {
	for _, bug := range Bugs() {
		hunters := slices.DeleteFunc(b.chosen(), func(t Attack) bool { return !slices.Contains(bug.By, t.Name) })
		if len(hunters) == 0 {
			continue // -only names others
		}
		c, err := b.hunt(ctx, bug, hunters)
		if err != nil {
			return err
		}
		b.result.Bugs = append(b.result.Bugs, c)
		fmt.Fprintln(b.out, c)
	}
	return nil
}

func (c Catch) String() string {
	switch {
	case c.By != "":
		return fmt.Sprintf("%-26s found by %s in cycle %d: %s", c.Bug, c.By, c.Cycle, c.Fault)
	case c.Impossible != "":
		return fmt.Sprintf("%-26s not possible here: %s", c.Bug, c.Impossible)
	default:
		return fmt.Sprintf("%-26s NOT FOUND", c.Bug)
	}
}

// hunt runs the attacks on a bug until one finds it.
func (b *bench) hunt(ctx context.Context, bug Bug, hunters []Attack) (Catch, error) {
	c := Catch{Bug: bug.Name}
	for _, t := range hunters {
		o, err := b.run(ctx, t, b.cyclesOf(t), plantedVariable+"="+bug.Name)
		if err != nil {
			return c, err
		}
		if o.Impossible != "" {
			c.Impossible = o.Impossible
		} else if len(o.Faults) > 0 {
			f := o.Faults[0]
			c.By, c.Cycle, c.Fault = t.Name, f.Cycle, f.Promise+": "+f.What
			return c, nil
		}
	}
	return c, nil
}
