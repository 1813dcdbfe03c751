package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// fullEnv names the session file of a child whose system calls fail.
const fullEnv = "PAGESESSION_FULL_CHILD"

const fullCalls = 30

func fullID(i int) string { return fmt.Sprintf("full-%d", i) }

// fullChild creates sessions, each in a commit of its own, and says how it went.
func fullChild(path string) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s, err := storage.Open(storage.Config{Database: path, FlushInterval: time.Second, SweepInterval: time.Hour, Logger: log})
	if err != nil {
		fmt.Println(err)
		return
	}
	allowTracing()
	fmt.Println("ready")
	_, _ = fmt.Scanln() // until strace is attached
	for i := range fullCalls {
		err := s.Create(context.Background(), record.KeyOf(fullID(i)), make([]byte, 6000), record.Lifetime{Idle: time.Hour})
		switch {
		case err == nil:
			fmt.Println("yes")
		case errors.Is(err, storage.ErrFull):
			fmt.Println("full")
			time.Sleep(1200 * time.Millisecond) // tried again each second
		default:
			fmt.Println(err)
		}
	}
	if err := s.Close(); err != nil {
		fmt.Println("close:", err)
	}
}
