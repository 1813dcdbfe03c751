package account_test

import (
	"testing"

	"pagesession/internal/account"
)

// An operator with 100,000 entries.
func BenchmarkEraseUser(b *testing.B) {
	for range b.N {
		b.StopTimer()
		s := open(b)
		s.superuser("root")
		u := s.staff("ada")
		events := make([]account.Event, 10_000)
		for i := range events {
			events[i] = account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: "0", Object: "0"}
		}
		for range 10 {
			if err := s.Audit(b.Context(), account.Console(u, "203.0.113.7"), events...); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		if _, err := s.EraseUser(b.Context(), cli, u.ID); err != nil {
			b.Fatal(err)
		}
	}
}
