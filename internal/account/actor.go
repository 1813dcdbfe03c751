package account

// Via tells where a change came from.
type Via string

// The places. Who comes by another than the console owns the data folder, and
// nothing is asked of his permissions.
const (
	ViaConsole     Via = "console"
	ViaCommandLine Via = "command line"
	ViaFirstRun    Via = "first run"
)

// An Actor is who makes a change, for the audit log and, in the console, for
// what he may.
type Actor struct {
	UserID  uint64 // of the console's user; 0 elsewhere
	Name    string // his username, or the system's user at the command line
	Address string // where he comes from, without port; "" at the command line
	Via     Via
}

// Console is the Actor for a user of the console.
func Console(u User, address string) Actor {
	return Actor{UserID: u.ID, Name: u.Username, Address: address, Via: ViaConsole}
}
