package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pagesession/internal/account"
	"pagesession/session"
)

// sent encodes and decodes an error, as the socket does.
func sent(t *testing.T, err error) error {
	t.Helper()
	p, _ := encode(err, nil)
	b, failed := json.Marshal(p)
	if failed != nil {
		t.Fatal(failed)
	}
	var back problem
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	return back.decode()
}

// A command gets the same error as the server, with the same text.
func TestProblem_KeepsMeaningAndWords(t *testing.T) {
	for _, want := range []error{
		ErrNotAudited, ErrNoSession, ErrEnded, ErrAmbiguous, ErrQuery, ErrRequest, ErrVersion,
		session.ErrFull, session.ErrUnavailable,
		account.ErrNotFound, account.ErrLastSuperuser, account.ErrChanged, account.ErrForbidden, account.ErrBusy,
		account.ErrNotSQLite, account.ErrUnfinished, account.ErrNotDjango, account.ErrFull, account.ErrUnavailable, account.ErrClosed,
	} {
		err := fmt.Errorf("user %q: %w", "ada", want)
		got := sent(t, err)
		if !errors.Is(got, want) || got.Error() != err.Error() {
			t.Errorf("sent(%v) = %v; want the same", err, got)
		}
		for _, c := range codes() {
			if c.err != want && errors.Is(got, c.err) {
				t.Errorf("sent(%v) is %v, too", err, c.err)
			}
		}
	}
}

// If the audit log cannot be written, the operation is still done.
func TestProblem_NotAudited(t *testing.T) {
	err := &NotAuditedError{Err: account.ErrFull}
	if got := sent(t, err); !errors.Is(got, ErrNotAudited) || got.Error() != err.Error() {
		t.Errorf("sent(%v) = %v; want %v", err, got, ErrNotAudited)
	}
}

func TestProblem_ValidationErrorsWhole(t *testing.T) {
	want := account.ValidationErrors{
		"username": {"Enter a valid username."}, "password": {"This password is too short.", "This password is entirely numeric."},
	}
	var got account.ValidationErrors
	if err := sent(t, fmt.Errorf("create: %w", want)); !errors.As(err, &got) || !reflect.DeepEqual(got, want) {
		t.Errorf("sent(%v) = %v; want the same", want, err)
	}
}

func TestProblem_Unknown(t *testing.T) {
	if err := sent(t, errors.New("disk on fire")); err.Error() != "disk on fire" {
		t.Errorf("sent(disk on fire) = %v", err)
	}
	newer := problem{Code: "of_a_newer_version", Message: "no more tea"}
	if err := newer.decode(); err.Error() != "no more tea" {
		t.Errorf("decode(%+v) = %v; want its words", newer, err)
	}
}

func TestCodes_Unique(t *testing.T) {
	seen := map[string]bool{invalid: true, "failed": true}
	for _, c := range codes() {
		if seen[c.name] || c.status < 400 {
			t.Errorf("code %q, status %d; want each once, and an error", c.name, c.status)
		}
		seen[c.name] = true
	}
}
