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
// for their permissions. Its JSON is that of the accounts file, as Event's.
type Actor struct {
	UserID  uint64 `json:"user,omitempty"`    // of the console's user; 0 elsewhere
	Name    string `json:"name,omitempty"`    // the username, or the system's user at the command line
	Address string `json:"address,omitempty"` // the client's address, without port; "" at the command line
	Via     Via    `json:"via"`
}

// Console is the Actor for a user of the console.
func Console(u User, address string) Actor {
	return Actor{UserID: u.ID, Name: u.Username, Address: address, Via: ViaConsole}
}
