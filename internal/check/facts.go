package check

import "time"

// Facts are what checks look at. They have no secrets, since they go through the command
// socket. What could not be found out is zero, and no check fails because of it.
type Facts struct {
	Settings     Settings      `json:"settings"`
	Files        Files         `json:"files"`
	Certificates []Certificate `json:"certificates,omitempty"` // of --tls-cert or --domain; none as long as the authority has given none
	Disk         Disk          `json:"disk"`
	Clock        Clock         `json:"clock"`
	Process      Process       `json:"process"`
	Accounts     Accounts      `json:"accounts"`
	Backups      Backups       `json:"backups"`
	Serving      *Serving      `json:"serving,omitempty"` // nil: no server runs
}

// Settings are those of the settings that checks look at.
type Settings struct {
	Addr           string   `json:"addr"`
	TLS            bool     `json:"tls"` // of the server itself
	TrustedProxies []string `json:"trusted_proxies,omitempty"`
	AllowedHosts   []string `json:"allowed_hosts,omitempty"` // with the domains
	BasePath       string   `json:"base_path"`
	MaxSessions    int      `json:"max_sessions"` // 0 with sessions in Redis
	MaxStreams     int      `json:"max_streams"`
	Connections    int      `json:"connections"` // the most of them, on all ports
	Debug          bool     `json:"debug"`
	SecondFactor   bool     `json:"second_factor"` // superusers must have one
	MetricsAddr    string   `json:"metrics_addr,omitempty"`
	Redis          *Remote  `json:"redis,omitempty"`
	PostgreSQL     *Remote  `json:"postgresql,omitempty"`
	// Exposed and Unknown are the lines that reading the settings has warned of: files of
	// secrets that other users can read, and variables that no setting has.
	Exposed []string `json:"exposed,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
}

// A Remote is a database on a server.
type Remote struct {
	Local    bool `json:"local"`    // on this machine
	Verified bool `json:"verified"` // TLS, and the server's certificate is checked
	Password bool `json:"password"` // the connection has one; always true where that is unknown
}

// Files are what is wrong with files, as lines with a cure.
type Files struct {
	Folder  string    `json:"folder"`
	Broken  string    `json:"broken,omitempty"`  // why the server cannot use its data folder
	Exposed []string  `json:"exposed,omitempty"` // names that other users can read
	Foreign []string  `json:"foreign,omitempty"` // names that another user owns
	Owner   int       `json:"owner"`             // the user who should own those, by number
	Linked  string    `json:"linked,omitempty"`  // why a database is no file of the folder's own
	Key     string    `json:"key,omitempty"`     // why the signing key cannot be used
	Newest  time.Time `json:"newest,omitzero"`   // when a file was changed last
}

// A Certificate is one of the server's own.
type Certificate struct {
	Name      string    `json:"name"`             // its file, or the domain
	Broken    string    `json:"broken,omitempty"` // why it cannot be used
	Begins    time.Time `json:"begins,omitzero"`
	Ends      time.Time `json:"ends,omitzero"`
	Uncovered []string  `json:"uncovered,omitempty"` // allowed hosts that it does not name
}

// A Disk is the one of the data folder.
type Disk struct {
	Known bool  `json:"known"`
	Free  int64 `json:"free"` // bytes
	Used  int64 `json:"used"` // bytes of the session file, which are taken already
}

// A Clock is the machine's.
type Clock struct {
	Now            time.Time     `json:"now"`
	Built          time.Time     `json:"built,omitzero"`   // when the program was built
	Unsynchronized bool          `json:"unsynchronized"`   // the kernel says so
	Jumped         time.Duration `json:"jumped,omitempty"` // since the server started, forward or back
}

// A Process is that of the server, or else of the command.
type Process struct {
	Root   bool   `json:"root"`
	Files  uint64 `json:"files"`  // that it may have open; 0: unknown
	Memory int64  `json:"memory"` // bytes that it may use; 0: unknown
}

// Accounts are the operators'.
type Accounts struct {
	Known        bool   `json:"known"`            // else only Broken or Unread is set
	Broken       string `json:"broken,omitempty"` // why they cannot be read
	Unread       string `json:"unread,omitempty"` // why this command does not read them
	Superuser    bool   `json:"superuser"`        // one can sign in
	PasswordOnly int    `json:"password_only"`    // active superusers without a second factor
}

// Backups are those that the server makes by itself.
type Backups struct {
	Every time.Duration `json:"every"` // 0: none
	Last  time.Time     `json:"last,omitzero"`
}

// Serving is what only a running server knows.
type Serving struct {
	Untrusted    string `json:"untrusted,omitempty"`     // a peer whose forwarding headers were ignored
	BackupFailed bool   `json:"backup_failed,omitempty"` // the last one
}
