package account_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
)

func filled(b *testing.B, users, entries int) *bench {
	s := open(b)
	if err := s.Fill(users, entries); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkValid is the check at each request of the console.
func BenchmarkValid(b *testing.B) {
	s := filled(b, account.MaxUsers, 0)
	for b.Loop() {
		if _, ok, err := s.Valid(b.Context(), 3001, 1); err != nil || !ok {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkUsers_Page(b *testing.B) {
	s := filled(b, account.MaxUsers, 0)
	for b.Loop() {
		if page := must(s.Users(b.Context(), account.UserQuery{Search: "filler", Staff: account.Yes, Limit: 100})); len(page.Users) != 100 {
			b.Fatal(len(page.Users))
		}
	}
}

// With MaxUsers; most of the time is the sync of the disk.
func BenchmarkUpdateUser(b *testing.B) {
	s := filled(b, account.MaxUsers, 0)
	for i := 0; b.Loop(); i++ {
		if _, err := s.SetActive(b.Context(), cli, 2, i%2 == 0); err != nil {
			b.Fatal(err)
		}
	}
}

// The slowest search of the audit log: it reads all entries and finds none.
func BenchmarkEntries_NothingFound(b *testing.B) {
	const n = 100_000
	s := filled(b, 0, n)
	for name, q := range map[string]account.EntryQuery{
		"time":  {From: s.clock.Now().Add(time.Hour)},
		"kinds": {Kind: account.KindSession, ActorID: 0, Action: account.ActionSignIn},
		"both":  {Kind: account.KindUser, Action: account.ActionRevoke},
	} {
		b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
			for b.Loop() {
				if page, err := s.Entries(b.Context(), q); err != nil || len(page.Entries) > 0 {
					b.Fatal(len(page.Entries), err)
				}
			}
		})
	}
}

func BenchmarkEntries_FirstPage(b *testing.B) {
	s := filled(b, 0, 100_000)
	for b.Loop() {
		if page, err := s.Entries(b.Context(), account.EntryQuery{}); err != nil || len(page.Entries) != 50 {
			b.Fatal(len(page.Entries), err)
		}
	}
}
