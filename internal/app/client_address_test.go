package app

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/network"
	"pagesession/internal/testkit"
)

// visitorAddress comes through a trusted proxy; its last number is in no other text.
const visitorAddress = "203.0.113.199"

// With --client-address network or none no file of the data folder and no line of the log
// has the address of a visitor or an operator, after a session, a sign-in and refusals.
func TestClientAddress_WhatIsWritten(t *testing.T) {
	for _, test := range []struct {
		kept network.Kept
		want string // in the list of sessions
	}{
		{network.KeptWhole, visitorAddress}, {network.KeptNetwork, "203.0.113.0/24"}, {network.KeptNothing, ""},
	} {
		t.Run(test.kept.String(), func(t *testing.T) {
			cfg := defaults(t)
			cfg.Addr, cfg.DataDir, cfg.ClientAddress, cfg.ClientCreations, cfg.ClientBurst = "127.0.0.1:0", t.TempDir(), test.kept, 1, 1
			cfg.TrustedProxies, _ = client.Parse("127.0.0.1")
			ada := control.NewSuperuser{Username: "ada", Password: "a perfectly fine one"}
			if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), ada); err != nil {
				t.Fatal(err)
			}
			var log testkit.Log
			leaveTraces(t, cfg, &log)
			list, err := control.ListSessions.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), control.SessionQuery{Search: visitorAddress})
			if test.kept == network.KeptNothing {
				list, err = control.ListSessions.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), control.SessionQuery{})
			}
			if err != nil || len(list.Sessions) != 1 || list.Sessions[0].Address != test.want {
				t.Errorf("sessions %+v, %v; want one from %q", list.Sessions, err, test.want)
			}
			if !strings.Contains(log.String(), "a new session was refused") || !strings.Contains(log.String(), "sign-in refused") {
				t.Errorf("the log lacks a refusal:\n%s", log.String())
			}
			found := filesWith(t, cfg.DataDir, visitorAddress)
			if whole := test.kept == network.KeptWhole; whole != (len(found) > 1) || whole != strings.Contains(log.String(), visitorAddress) {
				t.Errorf("files with the address: %q; want them only if it is kept whole, as in the log:\n%s", found, log.String())
			}
		})
	}
}

// leaveTraces starts a session, is refused another one, and signs in after a wrong password.
func leaveTraces(t *testing.T, cfg config.Config, log *testkit.Log) {
	t.Helper()
	addr, stop := serveLogged(t, cfg, log)
	from := func(c *testkit.Client) *testkit.Client {
		c.Jar, c.Defaults = map[string]string{}, []testkit.Option{testkit.Header("X-Forwarded-For", visitorAddress), testkit.Header("X-Forwarded-Proto", "https")}
		return c
	}
	from(testkit.At(t, "http://"+addr)).Get("/set/?name=Zita").Wants(200)
	from(testkit.At(t, "http://"+addr)).Get("/set/?name=Yves").Wants(429)
	operator := from(testkit.At(t, "http://"+addr))
	for _, password := range []string{"wrong", "a perfectly fine one"} {
		operator.Get("/admin/login/").Wants(200)
		operator.Post("/admin/login/", testkit.Form("username", "ada", "password", password), testkit.Header("Origin", "https://"+addr))
	}
	operator.Get("/admin/log/").Wants(200, "<b>ada</b> signed in")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// filesWith returns the files below a folder that contain a text.
func filesWith(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			found = append(found, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
