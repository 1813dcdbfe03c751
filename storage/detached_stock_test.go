package storage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A rebuilt file knows half of the key of a session that has ended. That is enough
// to keep the session ended when Fiber's own driver has written its key since.
func TestDetached_EndedStaysEndedAfterTheStockDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		cfg.Takeover = idle20
		s := open(t, cfg)
		k := mustCreate(t, s, "ended", idle20)
		if _, err := s.End(context.Background(), k, record.Deleted); err != nil {
			t.Fatal(err)
		}
		detach(t, s, f, times(1, firstSync))
		waitForFile(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		stock := driver.New(driver.Config{Database: cfg.Database, Bucket: "fiber_storage", Timeout: time.Second})
		if err := errors.Join(stock.Set("ended", []byte("again"), 0), stock.Set("other", []byte("x"), 0), stock.Close()); err != nil {
			t.Fatal(err)
		}
		s = open(t, cfg)
		wantStatus(t, s, k, record.Ended, record.Deleted)
		wantStatus(t, s, record.KeyOf("other"), record.Live, record.NoReason)
	})
}
