package account

// Via tells where a change came from.
type Via string

// The places. An actor from any but the console owns the data folder, and needs
// no permissions.
const (
	ViaConsole     Via = "console"
	ViaCommandLine Via = "command line"
	ViaFirstRun    Via = "first run"
)

// An Actor is the one who makes a change, for the audit log and, in the console,
// for their permissions.
type Actor struct {
	UserID  uint64 // of the console's user; 0 elsewhere
	Name    string // the username, or the system's user at the command line
	Address string // the client's address, without port; "" at the command line
	Via     Via
}

// Console is the Actor for a user of the console.
func Console(u User, address string) Actor {
	return Actor{UserID: u.ID, Name: u.Username, Address: address, Via: ViaConsole}
}
