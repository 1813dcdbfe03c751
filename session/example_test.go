package session_test

import (
	"context"
	"fmt"

	"pagesession/session"
	"pagesession/session/storetest"
)

// The token can be kept anywhere. A browser keeps it in a cookie, this example in a
// variable.
func Example() {
	cfg := session.DefaultConfig()
	cfg.Store = &storetest.Memory{} // use storage.Storage.Sessions to survive a restart
	cfg.SubjectValue = "user"
	sessions, err := session.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	_, cookie, err := sessions.Start(ctx, session.Token{}, session.ClientInfo{}, func(d *session.Draft) error {
		d.Set("user", "ada")
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := session.ParseToken(cookie.Value()) // the browser brings it back

	view, _, _ := sessions.Refresh(ctx, token)
	fmt.Println(view.State, view.Values.String("user"), view.IdleTimeout)

	ended, _ := sessions.EndSubject(ctx, "ada", session.Token{})
	view, _ = sessions.Peek(ctx, token)
	fmt.Println(ended, view.State, view.Reason)
	// Output:
	// live ada 20s
	// 1 ended revoked
}
