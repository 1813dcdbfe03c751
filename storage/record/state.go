package record

// State says what is known of a key.
type State uint8

// None is the zero value: the key was never used, or its session is forgotten.
const (
	None State = iota
	Live
	Ended
)

// String returns "none", "live" or "ended".
func (s State) String() string {
	switch s {
	case Live:
		return "live"
	case Ended:
		return "ended"
	default:
		return "none"
	}
}

// Reason says why a session ended. The numbers are in session files, so append new
// ones at the end.
type Reason uint8

// NoReason is the zero value: the session has not ended, or the reason is forgotten.
const (
	NoReason Reason = iota
	Idle            // its idle timeout passed without a refresh
	Absolute        // its absolute timeout passed
	Deleted         // its visitor ended it
	Revoked         // an operator ended it, or its visitor did from another session (EndSubject)
	Replaced        // it was rotated: its data is under a new key
)

// Reasons is the number of reasons, NoReason included.
const Reasons = int(Replaced) + 1

// String returns "idle", "absolute", "deleted", "revoked" or "replaced", and "" for
// NoReason and unknown numbers.
func (r Reason) String() string {
	names := [Reasons]string{Idle: "idle", Absolute: "absolute", Deleted: "deleted", Revoked: "revoked", Replaced: "replaced"}
	if int(r) < Reasons {
		return names[r]
	}
	return ""
}
