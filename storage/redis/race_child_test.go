package redis_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A place is what the process that ends sessions has to know.
type place struct {
	Addresses []string
	Prefix    string
}

// childVariable has the place. It is set only in that process.
const childVariable = "PAGESESSION_TEST_ENDER"

// endKeys ends the sessions whose keys come in lines, and answers each with the key and what
// End returned. It is the whole program of the second process.
func endKeys(config string) error {
	var at place
	if err := json.Unmarshal([]byte(config), &at); err != nil {
		return err
	}
	s, err := redis.Open(context.Background(), redis.Config{Addresses: at.Addresses, Prefix: at.Prefix, CommandTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	defer s.Close()
	var all sync.WaitGroup
	var mu sync.Mutex // protects stdout
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		text := lines.Text()
		all.Go(func() {
			var k record.Key
			_, err := hex.Decode(k[:], []byte(text))
			ended := false
			if err == nil {
				ended, err = s.End(context.Background(), k, record.Deleted)
			}
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf("%s %v %v\n", text, ended, err == nil)
		})
	}
	all.Wait()
	return nil
}

// An ender is a process that ends sessions.
type ender struct {
	stdin io.WriteCloser
	mu    sync.Mutex // protects stdin and of
	of    map[string]chan string
}

func startEnder(t *testing.T, cfg redis.Config) *ender {
	t.Helper()
	config, err := json.Marshal(place{cfg.Addresses, cfg.Prefix})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(config))
	cmd.Stderr = os.Stderr
	e := &ender{of: map[string]chan string{}}
	e.stdin, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); e.read(out) }()
	t.Cleanup(func() {
		_ = e.stdin.Close()
		<-done
		if err := cmd.Wait(); err != nil {
			t.Errorf("the process that ends sessions = %v", err)
		}
	})
	return e
}

func (e *ender) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var key, ended, ok string
		_, _ = fmt.Sscan(lines.Text(), &key, &ended, &ok)
		e.mu.Lock()
		if c := e.of[key]; c != nil {
			c <- ended + " " + ok
			delete(e.of, key)
		}
		e.mu.Unlock()
	}
}

// end makes the other process end a session. The channel receives "true true" if it was
// live.
func (e *ender) end(k record.Key) <-chan string {
	text, c := hex.EncodeToString(k[:]), make(chan string, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.of[text] = c
	_, _ = fmt.Fprintln(e.stdin, text) // a process that has ended is reported by its Wait
	return c
}
