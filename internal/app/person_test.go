package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
)

// The texts of one visitor and one operator, who are in no other text.
const (
	quaggaName  = "Quaggamann"
	quaggaAgent = "QuaggaBrowser/1.0"
	zeldaName   = "zeldazelda"
	zeldaMail   = "zz@quaggamail.example"
)

// quaggas are the texts that an erasure has to remove.
var quaggas = []string{quaggaName, quaggaAgent, zeldaName, zeldaMail}

// What is kept of a visitor and of an operator can be exported and erased, by a running
// server and on the files. After the erasure and a restart no file has their texts.
func TestPerson(t *testing.T) {
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprintf("running=%v", running), func(t *testing.T) {
			cfg := defaults(t)
			cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
			testPerson(t, cfg, running, func() {})
			restart(t, cfg)
			for _, text := range quaggas {
				if found := filesWith(t, cfg.DataDir, text); len(found) > 0 {
					t.Errorf("%q have %q after the erasure and a restart", found, text)
				}
			}
		})
	}
}

// In Redis nothing is left of them, visitors or operators, whether a server runs or not.
func TestPerson_Redis(t *testing.T) {
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprintf("running=%v", running), func(t *testing.T) {
			server := testredis.New(t, "rdbcompression", "no")
			snapshot := func(want bool) {
				t.Helper()
				server.Text(t, "SAVE")
				for _, text := range []string{quaggaName, quaggaAgent} {
					if got := len(filesWith(t, folderOf(t, server), text)) > 0; got != want {
						t.Errorf("a snapshot of Redis has %q: %v; want %v", text, got, want)
					}
				}
			}
			testPerson(t, onRedis(t, "redis://"+server.Addr), running, func() { snapshot(true) })
			snapshot(false)
		})
	}
}

// folderOf returns where a Redis writes its snapshots.
func folderOf(t *testing.T, server *testredis.Server) string {
	t.Helper()
	answer, err := server.Do("CONFIG", "GET", "dir")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := answer.AsStrMap()
	if err != nil {
		t.Fatal(err)
	}
	return settings["dir"]
}

// testPerson exports and erases. It calls before when there is what it erases.
func testPerson(t *testing.T, cfg config.Config, running bool, before func()) {
	t.Helper()
	cfg.IdleTimeout = time.Hour
	client := Operate(cfg, slog.New(slog.DiscardHandler))
	superusers(t, client, "root", zeldaName)
	addr, stop := serveIn(t, cfg, t.Output())
	leaveSessions(t, "http://"+addr)
	before()
	if !running {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	visitor, err := control.ExportPerson.Run(t.Context(), client, control.Person{Name: quaggaName})
	if err != nil || len(visitor.Sessions) != 1 || visitor.Sessions[0].Agent != quaggaAgent || visitor.Sessions[0].Values["name"] != quaggaName {
		t.Errorf("ExportPerson of a visitor = %+v, %v; want one session with its values", visitor, err)
	}
	operator, err := control.ExportPerson.Run(t.Context(), client, control.Person{Username: zeldaName})
	if err != nil || len(operator.Operators) != 1 || operator.Operators[0].Account.Email != zeldaMail || len(operator.Operators[0].Sessions) != 1 {
		t.Errorf("ExportPerson of an operator = %+v, %v; want the account with one session", operator, err)
	}
	wantNoSecrets(t, visitor, operator)
	for _, p := range []control.Person{{Session: visitor.Sessions[0].Fingerprint}, {Username: zeldaName}} {
		if done, err := control.ErasePerson.Run(t.Context(), client, p); err != nil || done.Sessions != 1 {
			t.Errorf("ErasePerson(%+v) = %+v, %v; want one session", p, done, err)
		}
		_, err := control.ErasePerson.Run(t.Context(), client, p)
		if !errors.Is(err, control.ErrNoPerson) && !errors.Is(err, control.ErrEnded) && !errors.Is(err, control.ErrNoSession) {
			t.Errorf("ErasePerson(%+v) again = %v; want that there is nothing", p, err)
		}
	}
	if _, err := control.ErasePerson.Run(t.Context(), client, control.Person{Username: "root"}); !errors.Is(err, account.ErrLastSuperuser) {
		t.Errorf("ErasePerson of the last superuser = %v; want %v", err, account.ErrLastSuperuser)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func superusers(t *testing.T, client *control.Client, names ...string) {
	t.Helper()
	for _, name := range names {
		n := control.NewSuperuser{Username: name, Password: "a perfectly fine one"}
		if name == zeldaName {
			n.Email = zeldaMail
		}
		if _, err := control.CreateSuperuser.Run(t.Context(), client, n); err != nil {
			t.Fatal(err)
		}
	}
}

// leaveSessions makes a session of the visitor, between those of others, and signs the
// operator in.
func leaveSessions(t *testing.T, url string) {
	t.Helper()
	for _, name := range []string{"Ada", quaggaName, "Bob"} {
		agent := "Browser/1.0"
		if name == quaggaName {
			agent = quaggaAgent
		}
		testkit.At(t, url).Get("/set/?name="+name, testkit.Header("User-Agent", agent)).Wants(200)
	}
	operator := testkit.At(t, url)
	operator.Jar = map[string]string{}
	operator.Defaults = []testkit.Option{testkit.Header("User-Agent", quaggaAgent)}
	operator.Get("/admin/login/").Wants(200)
	operator.Post("/admin/login/", testkit.Form("username", zeldaName, "password", "a perfectly fine one"), testkit.Header("Origin", url))
	operator.Get("/admin/own-sessions/").Wants(200)
}

// restart starts a server on the data folder and stops it, which writes the session files anew.
func restart(t *testing.T, cfg config.Config) {
	t.Helper()
	_, stop := serveIn(t, cfg, t.Output())
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(cfg.DataDir, "*.db")); !slices.ContainsFunc(files, func(f string) bool { return filepath.Base(f) == visitorsFile }) {
		t.Fatalf("the data folder has %q; want a session file", files)
	}
}

// wantNoSecrets looks for what must not be in an export.
func wantNoSecrets(t *testing.T, exports ...control.PersonalData) {
	t.Helper()
	for _, data := range exports {
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"argon2", "hash", `"root"`} {
			if strings.Contains(string(text), secret) {
				t.Errorf("an export has %q: %s", secret, text)
			}
		}
		for _, s := range data.Sessions {
			if s.Handle != "" {
				t.Error("an export has the handle of a session")
			}
		}
	}
}
