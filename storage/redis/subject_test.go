package redis_test

import (
	"slices"
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

// The ages of a subject's sessions are as at one instant, although each is read by a call of its
// own: who ends the oldest ends the right one.
func TestStore_OfSubject_AgesAgree(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	c := content("value", time.Hour)
	c.Subject = "ada"
	first := created(t, s, c, 0)
	for range 30 {
		created(t, s, c, 0)
	}
	apart := map[record.Key]time.Duration{} // how much later than the first one each began
	for range 50 {
		rows, err := s.OfSubject(t.Context(), "ada")
		if err != nil || len(rows) != 31 {
			t.Fatalf("OfSubject = %d rows, %v; want 31", len(rows), err)
		}
		at := slices.IndexFunc(rows, func(row record.Row) bool { return row.Key == first })
		for _, row := range rows {
			later := rows[at].Age - row.Age
			if before, known := apart[row.Key]; known && before != later {
				t.Fatalf("a session began %v after the first one, then %v; want the same", before, later)
			}
			apart[row.Key] = later
		}
	}
}
