package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"

	"pagesession/internal/network"
)

// A tried is the hash of a name, a network or a device, since names may be of any length.
type tried [sha256.Size]byte

func nameKey(normal string) tried { return sha256.Sum256([]byte("name " + normal)) }

func deviceKey(d Device) tried {
	return sha256.Sum256(fmt.Appendf(nil, "device %d %s", d.User, d.ID))
}

// networkKey returns the key of an address's network. Clients without an address share one.
func networkKey(address string) tried {
	addr, _ := netip.ParseAddr(address) // zero if it is unknown
	return sha256.Sum256([]byte("network " + network.Of(addr).String()))
}

// siteKey returns the key of an address's site.
func siteKey(address string) tried {
	addr, _ := netip.ParseAddr(address) // zero if it is unknown
	return sha256.Sum256([]byte("site " + network.SiteOf(addr).String()))
}

// networks are those in which users have signed in, by name, the newest last.
type networks map[tried][]tried

// mostKnown bounds the networks of a name, and with MaxUsers the memory to 4 MB: people
// sign in at home, at work and on the way.
const mostKnown = 8

func (n networks) has(name, network tried) bool { return slices.Contains(n[name], network) }

// add makes a network the newest of a name.
func (n networks) add(name, network tried) {
	if _, known := n[name]; !known && len(n) >= MaxUsers {
		for other := range n { // any: only many renamed users make so many names
			delete(n, other)
			break
		}
	}
	all := append(slices.DeleteFunc(n[name], func(k tried) bool { return k == network }), network)
	n[name] = all[max(0, len(all)-mostKnown):]
}

// tellsNetwork reports whether the address of an entry says which network it was: it may be
// shortened or left out, see Config.Addresses.
func (s *Store) tellsNetwork(address string) bool {
	_, err := netip.ParseAddr(address)
	return err == nil || address == "" && s.cfg.Addresses == network.KeptWhole
}

// mostLearned is how many of the newest sign-ins a start reads; it takes 5 ms.
const mostLearned = 2_000

// learn reads from the audit log in which networks users have signed in, once after a
// start. With other servers it reads each time what is new, so that a user's network is known
// to all. Several sign-ins may read the same, which does no harm. Without the database no
// sign-in succeeds, so the next one reads it.
func (s *Store) learn(ctx context.Context) {
	since := s.learned.Load()
	if since > 0 && s.cfg.Shared == nil {
		return
	}
	type signIn struct{ name, network tried }
	var newest []signIn
	last := max(since, 1)
	err := s.reading(ctx, func(t tx) error {
		newest = newest[:0]
		t.each("SELECT id, object, address FROM entries WHERE action = $1 AND id >= $2 ORDER BY id DESC LIMIT $3", []any{ActionSignIn, since, mostLearned}, func(scan func(...any)) {
			var id uint64
			var name, address string
			scan(&id, &name, &address)
			last = max(last, id+1)
			if !s.tellsNetwork(address) {
				return
			}
			newest = append(newest, signIn{nameKey(normalUsername(name)), networkKey(address)})
		})
		return nil
	})
	if err != nil || !s.learned.CompareAndSwap(since, last) {
		return
	}
	for _, in := range slices.Backward(newest) {
		s.throttle.know(in.name, in.network)
	}
}
