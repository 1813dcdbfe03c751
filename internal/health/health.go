// Package health puts the states of the sessions and of the accounts into words for
// operators: what works, what is refused, and what to do. The console, /readyz and the
// command "status" have the same sentences.
package health

import (
	"errors"
	"path/filepath"
	"syscall"
	"time"

	"pagesession/internal/disk"
	"pagesession/storage"
)

// A File is a session file, a session server, or the database of the accounts, as operators
// see it. While State is "ok" the fields below it are empty, except Notice.
type File struct {
	Name    string    `json:"file"` // without its folder
	Path    string    `json:"path"`
	State   string    `json:"state"` // as storage.FileState has it; of what is no session file "ok" or Unavailable
	Since   time.Time `json:"since,omitzero"`
	Cause   string    `json:"cause,omitempty"` // the error; it may name paths
	Works   string    `json:"works,omitempty"`
	Refused string    `json:"refused,omitempty"`
	Do      string    `json:"do,omitempty"`
	Notice  string    `json:"notice,omitempty"` // what happened before, and what to do, in any state; "" for nothing
	Public  string    `json:"-"`                // Notice without addresses and errors, for anyone; "" if it has none
}

// Users says whose sessions a file has.
type Users uint8

// The users. Operators have sessions in the console.
const (
	Visitors Users = iota
	Operators
)

// Of returns the words for a file's state.
func Of(st storage.FileStatus, users Users) File {
	f := File{Name: filepath.Base(st.Path), Path: st.Path, State: st.State.String()}
	if st.State == storage.FileOK {
		return f
	}
	f.Since = st.Since
	if st.Cause != nil {
		f.Cause = st.Cause.Error()
	}
	f.Works, f.Refused = effects(st.State, users)
	f.Do = cure(st, f.Name)
	return f
}

// OK reports whether changes become durable.
func (f File) OK() bool { return f.State == storage.FileOK.String() }

// IsSessionServer reports whether this is the entry of a session server, and of no file.
func (f File) IsSessionServer() bool { return f.Name == sessionServer }

// effects returns what works in a state and what is refused.
func effects(state storage.FileState, users Users) (works, refused string) {
	works, refused = "Visits extend sessions as usual, and sessions can be ended.", "New sessions and changes are refused with 503."
	if users == Operators {
		works, refused = "Operators who are signed in stay signed in, and they can sign out.", "Sign-ins are refused with 503."
	}
	switch state {
	case storage.FileSlow:
		works += " This is on disk only after the disk has answered."
	case storage.FileDetached:
		works += " This is only in memory until the file is there again: keep the server running."
	}
	return works, refused
}

// cure returns what the operator does, and what the server then does by itself.
func cure(st storage.FileStatus, name string) string {
	const rebuilds = " The server rebuilds the file from memory by itself and tries again "
	switch room := disk.IsFull(st.Cause); {
	case st.State == storage.FileSlow:
		return "Check the disk that has " + name + ": a write takes too long. The server goes on by itself when it is done."
	case st.State == storage.FileFull && room:
		return "Free space on the disk that has " + name + ". The server tries again each second."
	case st.State == storage.FileFull && errors.Is(st.Cause, syscall.ENOMEM):
		return "Give the server more memory. It tries again each second."
	case st.State == storage.FileFull:
		return name + " has its largest size. Sessions that expire or are ended make room."
	case room:
		return "Free space on the disk that has " + name + "." + rebuilds + "each second."
	case errors.Is(st.Cause, storage.ErrInUse):
		return "Stop the other process that uses " + name + "." + rebuilds + "within 30 seconds."
	default:
		return "Check the disk that has " + name + ", and replace it if it fails." + rebuilds + "within 30 seconds."
	}
}
