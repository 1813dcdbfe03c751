package check

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// sound are the facts of a server without a fault, alone with a domain.
func sound() Facts {
	return Facts{
		Settings: Settings{
			Addr: ":443", TLS: true, AllowedHosts: []string{"localhost", "127.0.0.1", "[::1]", "example.com"}, BasePath: "/",
			MaxSessions: 1_000_000, MaxStreams: 20_000, Connections: 12_000, SecondFactor: true, MetricsAddr: "10.0.0.5:9464",
			Redis: &Remote{Verified: true, Password: true}, PostgreSQL: &Remote{Verified: true, Password: true},
		},
		Files:        Files{Folder: "/data", Newest: noon.Add(10 * time.Second)},
		Certificates: []Certificate{{Name: "example.com", Begins: noon.Add(-day90 / 2), Ends: noon.Add(day90 / 2)}},
		Disk:         Disk{Known: true, Free: 50e9},
		Clock:        Clock{Now: noon, Built: noon.Add(-time.Hour), Jumped: 3 * time.Second},
		Process:      Process{Files: 65_536, Memory: 4e9},
		Accounts:     Accounts{Known: true, Superuser: true},
		Backups:      Backups{Every: 24 * time.Hour, Last: noon.Add(-30 * time.Hour)},
		Serving:      &Serving{},
	}
}

const day90 = 90 * 24 * time.Hour

// broken has, for each check, what makes it find something. A new check needs a row here.
var broken = map[string][]func(*Facts){
	"files.folder":     {func(f *Facts) { f.Files.Broken = "it is not a folder" }},
	"files.links":      {func(f *Facts) { f.Files.Linked = "sessions.db is a link" }},
	"files.owner":      {func(f *Facts) { f.Files.Foreign, f.Files.Owner = []string{"/data/sessions.db"}, 1000 }},
	"files.key":        {func(f *Facts) { f.Files.Key = "it has 3 bytes" }},
	"files.private":    {func(f *Facts) { f.Files.Exposed = []string{"/data"} }},
	"settings.exposed": {func(f *Facts) { f.Settings.Exposed = []string{"a file"} }},
	"settings.unknown": {func(f *Facts) { f.Settings.Unknown = []string{"a variable"} }},
	"disk.space": {
		func(f *Facts) { f.Disk.Free = 100e6 },
		func(f *Facts) { f.Settings.MaxSessions, f.Disk.Free = 0, 100e6 },
		func(f *Facts) { f.Disk.Free = 1e9 },
		func(f *Facts) { f.Settings.MaxSessions, f.Process.Memory = 50_000_000, 100e9 },
	},
	"clock.past":         {func(f *Facts) { f.Clock.Built = noon.Add(time.Second) }},
	"clock.jump":         {func(f *Facts) { f.Clock.Jumped = 2 * time.Minute }, func(f *Facts) { f.Clock.Jumped = -2 * time.Minute }, func(f *Facts) { f.Files.Newest = noon.Add(time.Hour) }},
	"clock.sync":         {func(f *Facts) { f.Clock.Unsynchronized = true }},
	"tls.certificate":    {func(f *Facts) { f.Certificates[0] = Certificate{Name: "x", Broken: "no such file"} }, func(f *Facts) { f.Certificates[0].Ends = noon.Add(-time.Second) }, func(f *Facts) { f.Certificates[0].Begins = noon.Add(time.Second) }},
	"tls.expiry":         {func(f *Facts) { f.Certificates[0].Ends = noon.Add(13 * 24 * time.Hour) }},
	"tls.hosts":          {func(f *Facts) { f.Certificates[0].Uncovered = []string{"www.example.com"} }},
	"tls.none":           {func(f *Facts) { f.Settings.TLS = false }},
	"addr.local":         {func(f *Facts) { f.Settings.Addr = "127.0.0.1:443" }, func(f *Facts) { f.Settings.Addr = "localhost:443" }, func(f *Facts) { f.Settings.Addr = "[::1]:443" }},
	"hosts.local":        {func(f *Facts) { f.Settings.AllowedHosts = []string{"localhost", "[::1]", "127.0.0.1", "app.localhost"} }},
	"hosts.any":          {func(f *Facts) { f.Settings.AllowedHosts = []string{"*"} }},
	"proxies.ignored":    {func(f *Facts) { f.Serving.Untrusted = "10.0.0.7" }},
	"proxies.wide":       {func(f *Facts) { f.Settings.TrustedProxies = []string{"10.0.0.0/8", "0.0.0.0/0"} }, func(f *Facts) { f.Settings.TrustedProxies = []string{"::/0"} }},
	"cookies.prefix":     {func(f *Facts) { f.Settings.BasePath = "/pages/" }},
	"metrics.public":     {func(f *Facts) { f.Settings.MetricsAddr = ":9464" }, func(f *Facts) { f.Settings.MetricsAddr = "203.0.113.7:9464" }, func(f *Facts) { f.Settings.MetricsAddr = "metrics.example.com:9464" }},
	"redis.plain":        {func(f *Facts) { f.Settings.Redis.Verified = false }, func(f *Facts) { f.Settings.Redis.Password = false }},
	"postgresql.plain":   {func(f *Facts) { f.Settings.PostgreSQL.Verified = false }},
	"limits.files":       {func(f *Facts) { f.Process.Files = 32_000 }},
	"limits.memory":      {func(f *Facts) { f.Process.Memory = 800e6 }},
	"debug":              {func(f *Facts) { f.Settings.Debug = true }},
	"process.root":       {func(f *Facts) { f.Process.Root = true }},
	"backups.none":       {func(f *Facts) { f.Backups.Every, f.Settings.PostgreSQL = 0, nil }},
	"backups.failed":     {func(f *Facts) { f.Serving.BackupFailed = true }},
	"backups.late":       {func(f *Facts) { f.Backups.Last = noon.Add(-49 * time.Hour) }},
	"operators.accounts": {func(f *Facts) { f.Accounts = Accounts{Broken: "damaged"} }},
	"operators.unread":   {func(f *Facts) { f.Accounts = Accounts{Unread: "it belongs to user 7"} }},
	"operators.none":     {func(f *Facts) { f.Accounts.Superuser = false }},
	"operators.optional": {func(f *Facts) { f.Settings.SecondFactor = false }},
	"operators.password": {func(f *Facts) { f.Accounts.PasswordOnly = 1 }, func(f *Facts) { f.Accounts.PasswordOnly = 2 }},
}

// Each check finds its fault, and nothing else does.
func TestFind_EachCheck(t *testing.T) {
	for _, c := range table() {
		if len(broken[c.id]) == 0 {
			t.Errorf("the check %s has no fault in this test; add one", c.id)
		}
		for i, spoil := range broken[c.id] {
			f := sound()
			spoil(&f)
			found := Find(f, true)
			if len(found) != 1 || found[0].ID != c.id || found[0].Level != c.level {
				t.Errorf("Find with fault %d of %s = %+v; want that one", i+1, c.id, found)
				continue
			}
			if w, d := found[0].Wrong, found[0].Do; !strings.HasSuffix(w, ".") || d == "" || strings.ContainsAny(w+d, "\n") || strings.Contains(w, "..") {
				t.Errorf("%s says %q, %q; want sentences of one line, and a cure", c.id, w, d)
			}
			if without := Find(f, false); (len(without) == 0) != c.deploy {
				t.Errorf("Find without deploy with fault %d of %s = %+v", i+1, c.id, without)
			}
		}
	}
	for id := range broken {
		if !slices.ContainsFunc(table(), func(c row) bool { return c.id == id }) {
			t.Errorf("there is no check %s", id)
		}
	}
}

// These servers have no fault.
func TestFind_Sound(t *testing.T) {
	for name, change := range map[string]func(*Facts){
		"alone with a domain": func(*Facts) {},
		"behind a proxy": func(f *Facts) {
			f.Settings.TLS, f.Settings.Addr, f.Settings.TrustedProxies, f.Certificates = false, "127.0.0.1:8000", []string{"127.0.0.1"}, nil
		},
		"on a Unix socket": func(f *Facts) {
			f.Settings.TLS, f.Settings.Addr, f.Settings.TrustedProxies = false, "unix:/run/http.sock", []string{"unix"}
		},
		"no certificate yet": func(f *Facts) { f.Certificates = nil },
		"a certificate of six days": func(f *Facts) {
			f.Certificates[0].Begins, f.Certificates[0].Ends = noon.Add(-72*time.Hour), noon.Add(72*time.Hour)
		},
		"metrics on this machine":     func(f *Facts) { f.Settings.MetricsAddr = "[::1]:9464" },
		"metrics on a socket":         func(f *Facts) { f.Settings.MetricsAddr = "unix:/run/metrics.sock" },
		"databases on this machine":   func(f *Facts) { f.Settings.Redis, f.Settings.PostgreSQL = &Remote{Local: true}, &Remote{Local: true} },
		"root runs the command only":  func(f *Facts) { f.Serving, f.Process.Root = nil, true },
		"the operators in PostgreSQL": func(f *Facts) { f.Backups = Backups{} },
		"no backup yet":               func(f *Facts) { f.Backups.Last = time.Time{} },
		"unknown facts": func(f *Facts) {
			f.Disk, f.Process, f.Accounts, f.Clock.Built, f.Files.Newest = Disk{}, Process{}, Accounts{}, time.Time{}, time.Time{}
		},
		"the session file is large already": func(f *Facts) { f.Disk.Free, f.Disk.Used = 1e9, 500e6 },
	} {
		f := sound()
		change(&f)
		if found := Find(f, true); len(found) > 0 {
			t.Errorf("%s: Find = %+v; want nothing", name, found)
		}
	}
}

// Errors come first, and the order of the table stays.
func TestFind_Order(t *testing.T) {
	f := sound()
	f.Settings.Debug, f.Accounts.Broken, f.Accounts.Known, f.Settings.AllowedHosts = true, "x", false, []string{"*"}
	f.Files.Broken = "x"
	var ids []string
	for _, found := range Find(f, true) {
		ids = append(ids, found.ID)
	}
	if want := []string{"files.folder", "operators.accounts", "hosts.any", "debug"}; !slices.Equal(ids, want) {
		t.Errorf("Find = %q; want %q", ids, want)
	}
	if got := Count(Find(f, true)); got != "2 errors, 2 warnings" {
		t.Errorf("Count = %q", got)
	}
	if got := Count(Find(f, false)); got != "2 errors" {
		t.Errorf("Count without deploy = %q", got)
	}
}

func TestSettings_Reaches(t *testing.T) {
	for want, all := range map[bool][]Settings{
		false: {{Addr: "127.0.0.1:8000"}, {Addr: "[::1]:8000"}, {Addr: "unix:/run/s"}, {Addr: "localhost:1"}},
		true:  {{Addr: ":8000"}, {Addr: "192.168.1.10:8000"}, {Addr: "127.0.0.1:8000", TrustedProxies: []string{"127.0.0.1"}}, {Addr: "127.0.0.1:443", TLS: true}},
	} {
		for _, s := range all {
			if s.Reaches() != want {
				t.Errorf("%+v.Reaches() = %v; want %v", s, !want, want)
			}
		}
	}
}
