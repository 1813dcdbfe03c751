package redis_test

import (
	"testing"
	"time"

	"pagesession/storage/record"
)

// A crash between two slots leaves an entry without a session, or a set without its
// entry's removal. Neither hides a session.
func TestStore_Subject_Crash(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	c := content("value", time.Hour)
	c.Subject = "ada"
	k := created(t, s, c, 0)
	set := s.SubjectName("ada")
	never, old := newKey(), newKey()
	server.Text(t, "ZADD", set, "9999999999999", string(never[:])) // a creation that was not made
	server.Text(t, "ZADD", set, "1", string(old[:]))               // long ago
	rows, err := s.OfSubject(t.Context(), "ada")
	if err != nil || len(rows) != 1 || rows[0].Key != k {
		t.Errorf("OfSubject = %+v, %v; want one session", rows, err)
	}
	if got := server.Text(t, "ZCARD", set); got != "2" {
		t.Errorf("the set has %s entries after a reading; want 2: the live one, and the one that may still come", got)
	}
	if n, err := s.EndSubject(t.Context(), "ada", record.Revoked); n != 1 || err != nil {
		t.Errorf("EndSubject = %d, %v; want 1", n, err)
	}
}

// EndSubject ends a session that is between the steps of a rotation.
func TestStore_EndSubject_DuringARotation(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	c := content("value", time.Hour)
	c.Subject = "ada"
	from, to := created(t, s, c, 0), newKey()
	server.Text(t, "ZADD", s.SubjectName("ada"), "9999999999999", string(to[:]))
	if err := s.Prepare(t.Context(), from, to, c); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	server.Text(t, "ZREM", s.SubjectName("ada"), string(from[:]))
	if n, err := s.EndSubject(t.Context(), "ada", record.Revoked); n != 1 || err != nil {
		t.Errorf("EndSubject = %d, %v; want 1", n, err)
	}
	if rec := peek(t, s, to); rec.Reason != record.Revoked {
		t.Errorf("Peek of the new key = %v %v; want ended revoked", rec.State, rec.Reason)
	}
}
