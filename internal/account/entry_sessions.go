package account

import (
	"cmp"
	"net/netip"
	"slices"

	"pagesession/internal/network"
)

// The fields of an entry about sessions that were found by a filter: what operators asked
// for in the list, and what became of it. Each has a Change with To or Added alone.
const (
	FieldSearch      = "search"
	FieldFingerprint = "fingerprint" // a search for the beginning of fingerprints or handles
	FieldState       = "state"
	FieldAddress     = "address"
	FieldBrowser     = "browser"
	FieldFound       = "found"    // how many were found before the first one ended; without it that is not known
	FieldSessions    = "sessions" // the fingerprints of the first ones
	FieldOutcome     = "outcome"  // why not all were ended
	FieldServer      = "server"   // which one of several did it
)

// Filtered returns the event with what a filter looked for.
func (e Event) Filtered(by ...Change) Event { return e.withChanges(by) }

// withAddresses returns the event with as much of the addresses in its filter as is kept.
func (e Event) withAddresses(kept network.Kept) Event {
	e.Changes = slices.Clone(e.Changes)
	for i, one := range e.Changes {
		if _, err := netip.ParseAddr(one.To); err == nil && (one.Field == FieldSearch || one.Field == FieldAddress) {
			e.Changes[i].To = cmp.Or(kept.Text(one.To), "an address")
		}
	}
	return e
}
