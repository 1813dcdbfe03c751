package storage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage"
	"pagesession/storage/record"
)

// A Fiber app whose sessions expire on the server and survive a crash.
func Example() {
	store := storage.New(storage.Config{Database: filepath.Join(os.TempDir(), "example-sessions.db"), RefuseEnded: true})
	defer func() { _ = store.Close() }()
	sessions := session.New(session.Config{Storage: store, Expiration: 20 * time.Second})

	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		sess, err := sessions.Get(c)
		if err != nil {
			return err
		}
		sess.Set("name", "Sonam")
		return sess.Save()
	})
}

// Refresh extends a session in memory; Peek only reads it.
func ExampleStorage_Refresh() {
	dir, _ := os.MkdirTemp("", "example")
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := storage.Open(storage.Config{Database: filepath.Join(dir, "sessions.db")})
	if err != nil {
		panic(err)
	}
	defer func() { _ = store.Close() }()

	key := record.KeyOf("an id from crypto/rand")
	_ = store.Create(context.Background(), key, []byte("value"), record.Lifetime{Idle: 20 * time.Second})
	fmt.Println(store.Refresh(key).State == record.Live)
	_, _ = store.End(context.Background(), key, record.Deleted)
	fmt.Println(store.Refresh(key).Reason == record.Deleted)
	// Output:
	// true
	// true
}
