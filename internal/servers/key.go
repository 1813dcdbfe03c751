package servers

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// The digest of the signing key stays on the board for keyStays after the last server has
// renewed it, and each renews it every keyEvery. So a restart of all servers, also by hand, is
// compared with what was there before; and if the key is lost, the digest lapses after minutes
// and not after a day.
const (
	keyStays = 10 * time.Minute
	keyEvery = 30 * time.Second
)

// CheckKey returns an error that says what to do if the servers on the board sign with another
// key. Without servers the key counts from now on. An empty key is one that would have to be
// made: it fits only where there is no other. While the board is away it waits. Other errors
// are the context's.
func CheckKey(ctx context.Context, board Board, log *slog.Logger, key []byte, path string) error {
	var kept string
	err := patiently(ctx, log, func() (err error) {
		if len(key) == 0 {
			kept, err = board.Kept(ctx, keyName)
		} else {
			kept, err = board.Keep(ctx, keyName, KeyDigest(key), keyStays)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(key) == 0 && kept != "":
		return fmt.Errorf("there is no key %q, and the other servers%s share one: %s", path, names(ctx, board), keyCure)
	case len(key) != 0 && kept != KeyDigest(key):
		return fmt.Errorf("the key %q differs from the key of the other servers%s: %s", path, names(ctx, board), keyCure)
	}
	return nil
}

const keyCure = "copy secret.key from the data folder of one of them, or name a copy with --secret-key FILE; " +
	"if that key is lost, stop all servers and wait 10 minutes"

// names returns the names of the servers in brackets, if there are any.
func names(ctx context.Context, board Board) string {
	members, _ := board.Members(ctx) // without them the sentence still says what to do
	var list []string
	for _, p := range peersOf(members, "") {
		if !p.Starting {
			list = append(list, p.Name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}
