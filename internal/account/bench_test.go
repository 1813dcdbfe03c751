package account_test

import (
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

// A page of MaxUsers, as the console asks for it.
func BenchmarkUsers_Page(b *testing.B) {
	s := filled(b, account.MaxUsers, 0)
	for name, q := range map[string]account.UserQuery{
		"first":  {Limit: 100},
		"last":   {Limit: 100, Offset: account.MaxUsers - 100},
		"filter": {Limit: 100, Staff: account.Yes, Sort: account.SortJoined, Descending: true},
		"search": {Limit: 100, Search: "filler example"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if page := must(s.Users(b.Context(), q)); len(page.Users) != 100 {
					b.Fatal(len(page.Users))
				}
			}
		})
	}
}

// What a sign-in asks the database, without the hash and the record.
func BenchmarkAuthenticate_Checks(b *testing.B) {
	s := filled(b, account.MaxUsers, 0)
	for b.Loop() {
		if err := s.Candidates(b.Context(), "filler77"); err != nil {
			b.Fatal(err)
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

// A page of a full audit log.
func BenchmarkEntries(b *testing.B) {
	s := filled(b, 0, 1_000_000)
	at := s.clock.Now()
	for _, q := range []struct {
		name string
		account.EntryQuery
	}{
		{"first", account.EntryQuery{}},
		{"middle", account.EntryQuery{Before: 500_000}},
		{"action", account.EntryQuery{Action: account.ActionRevoke, Before: 500_000}},
		{"object", account.EntryQuery{Kind: account.KindSession, ObjectID: "key 777"}},
		{"times", account.EntryQuery{From: at.Add(-time.Hour), To: at.Add(time.Hour)}},
		{"nothing at that time", account.EntryQuery{From: at.Add(time.Hour)}},
		{"nothing of this kind and action", account.EntryQuery{Kind: account.KindSession, Action: account.ActionSignIn}},
		{"nothing in the text", account.EntryQuery{Kind: account.KindSession, Object: "missing"}},
		{"nothing of the actor", account.EntryQuery{ActorID: 7, Action: account.ActionRevoke}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Entries(b.Context(), q.EntryQuery); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
