package account

// Via is the way by which a change came.
type Via string

// The ways. Only an actor of the console needs permissions; the others own the data
// folder.
const (
	ViaConsole     Via = "console"
	ViaCommandLine Via = "command line"
	ViaFirstRun    Via = "first run"
)

// Vias returns all ways. The slice belongs to the caller.
func Vias() []Via { return []Via{ViaConsole, ViaCommandLine, ViaFirstRun} }

// An Actor is the person who makes a change. The audit log names them, and in the console
// their permissions count. Its JSON is that of an accounts.db, as Event's is.
type Actor struct {
	UserID  uint64 `json:"user,omitempty"`    // of a console user; 0 elsewhere
	Name    string `json:"name,omitempty"`    // the username; at the command line the system user
	Address string `json:"address,omitempty"` // the client's address, without port; "" at the command line
	Via     Via    `json:"via"`

	confirmed proof // of Confirm; zero without it
}

// Console is the Actor for a user of the console.
func Console(u User, address string) Actor {
	return Actor{UserID: u.ID, Name: u.Username, Address: address, Via: ViaConsole}
}

// A proof says that a user entered their password. It ends with their epoch.
type proof struct{ user, epoch uint64 }

// proof returns the proof that counts for this user now.
func (u User) proof() proof { return proof{u.ID, u.Epoch} }
