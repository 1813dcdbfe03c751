package servers

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"pagesession/storage/redis"
)

// An Info is what a server tells the others of itself: a few hundred bytes, without secrets.
// Servers of other versions read it, so a field keeps its name and its meaning.
type Info struct {
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Starting bool      `json:"starting,omitempty"` // it has not decided yet whether it matches the others

	Key          string `json:"key"`                     // KeyDigest of the signing key
	Accounts     string `json:"accounts,omitempty"`      // AccountsDigest; "" while it is unknown
	AccountsFile bool   `json:"accounts_file,omitempty"` // the accounts are in a file of the server
	ACME         bool   `json:"acme,omitempty"`          // it orders its certificate itself

	// Settings are those that have to be the same on all servers, by name, as they are typed.
	Settings map[string]string `json:"settings,omitempty"`
	// Rates are events a second, by the name of the figure.
	Rates map[string]float64 `json:"rates,omitempty"`
}

// MaxName is the largest number of bytes in a server's name.
const MaxName = 64

// refreshes is the figure that lists of servers show.
const refreshes = "refreshes"

// A Server is one of the servers that share the sessions, as people see it.
type Server struct {
	Name      string    `json:"name"`
	Version   string    `json:"version"`
	Since     time.Time `json:"since"`
	Refreshes float64   `json:"refreshes"`      // in the last second
	This      bool      `json:"this,omitempty"` // the server that answers
}

// A peer is another server as it announced itself.
type peer struct {
	Info
	id   string
	left time.Duration // until the announcement lapses
}

// fresh reports whether the announcement is at most two missed ones old.
func (p *peer) fresh() bool { return p.left > redis.MemberStays-2*announceEvery-announceEvery/2 }

// peersOf returns the servers of a roster except for one. It leaves out what it cannot read.
func peersOf(members []redis.Member, except string) (list []peer) {
	for _, m := range members {
		p := peer{id: m.ID, left: m.Left}
		if m.ID == except || json.Unmarshal(m.Data, &p.Info) != nil {
			continue
		}
		p.Name, p.Version = tidy(p.Name), tidy(p.Version)
		list = append(list, p)
	}
	return list
}

// tidy returns a text of another server without control characters, cut to MaxName characters.
func tidy(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n++; n > MaxName || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
