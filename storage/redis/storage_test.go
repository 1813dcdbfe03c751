package redis_test

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

var _ fiber.Storage = redis.Storage{}

func TestStorage(t *testing.T) {
	server := shared.Server(t)
	cfg := on(server)
	cfg.Prefix = "[a]*" + cfg.Prefix // a pattern's characters are no pattern
	s := open(t, cfg)
	k := created(t, s, content("value", time.Hour), 0)
	f, other := s.Storage(), open(t, on(server)).Storage()
	for _, storage := range []redis.Storage{f, other} {
		if err := storage.Set("key", []byte("value"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := f.Get("key"); string(got) != "value" || err != nil {
		t.Errorf("Get = %q, %v; want the value", got, err)
	}
	for _, missing := range []string{"", "other"} {
		if got, err := f.Get(missing); got != nil || err != nil {
			t.Errorf("Get(%q) = %q, %v; want nil, nil", missing, got, err)
		}
	}
	if err := f.Delete("key"); err != nil {
		t.Errorf("Delete = %v", err)
	}
	if got, err := f.Get("key"); got != nil || err != nil {
		t.Errorf("Get after Delete = %q, %v; want nil, nil", got, err)
	}
	if err := f.Set("again", []byte("value"), 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Reset(); err != nil {
		t.Errorf("Reset = %v", err)
	}
	if got, err := f.Get("again"); got != nil || err != nil {
		t.Errorf("Get after Reset = %q, %v; want nil, nil", got, err)
	}
	if got, _ := other.Get("key"); got == nil {
		t.Error("Reset removed a key of another prefix")
	}
	if rec := peek(t, s, k); rec.State != record.Live {
		t.Error("Reset ended a session")
	}
}
