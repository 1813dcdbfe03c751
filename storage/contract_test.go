package storage_test

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/session"
	"pagesession/storage"
)

// The package satisfies these interfaces without importing them.
var (
	_ fiber.Storage    = (*storage.Storage)(nil)
	_ session.Store    = storage.Sessions{}
	_ session.Memoizer = storage.Sessions{}
	_ session.Watcher  = storage.Sessions{}
)
