package redis_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A change is made as a whole, and only on values that are as they were seen.
func TestTable_Swap(t *testing.T) {
	t.Parallel()
	tableSwaps(t, on(shared.Server(t)))
}

func tableSwaps(t *testing.T, cfg redis.Config) {
	t.Helper()
	one, two := open(t, cfg).Table("counts", 100), open(t, cfg).Table("counts", 100)
	swap := func(table redis.Table, want bool, changes ...redis.TableChange) {
		t.Helper()
		if done, err := table.Swap(t.Context(), changes...); err != nil || done != want {
			t.Errorf("Swap = %v, %v; want %v", done, err, want)
		}
	}
	set := func(field, was, value string) redis.TableChange {
		return redis.TableChange{Field: field, Was: []byte(was), Value: []byte(value), Stays: time.Hour}
	}
	wants := func(want ...string) {
		t.Helper()
		values, at, err := two.Read(t.Context(), "a", "b")
		if err != nil || string(values[0]) != want[0] || string(values[1]) != want[1] || time.Since(at).Abs() > time.Minute {
			t.Errorf("Read = %q, %v, %v; want %q and the time", values, at, err, want)
		}
	}
	wants("", "")
	swap(one, true, set("a", "", "1"), set("b", "", "x"))
	wants("1", "x")
	swap(two, false, set("a", "1", "2"), set("b", "y", "z")) // b is x
	wants("1", "x")
	swap(two, true, set("a", "1", "2"), set("b", "x", ""))
	swap(one, false, set("a", "1", "2"), set("b", "x", "")) // the same, but another's
	wants("2", "")
	if fields, err := one.Fields(t.Context()); err != nil || !slices.Equal(fields, []string{"a"}) {
		t.Errorf("Fields = %q, %v; want a", fields, err)
	}
	if values, _, err := open(t, cfg).Table("other", 100).Read(t.Context(), "a"); err != nil || len(values[0]) > 0 {
		t.Errorf("another table has %q, %v; want nothing", values, err)
	}
}

// A change whose answer was lost, and which is sent again, answers as before, and is made once.
func TestTable_SentAgain(t *testing.T) {
	t.Parallel()
	table := open(t, on(shared.Server(t))).Table("counts", 100)
	change := redis.TableChange{Field: "a", Value: []byte("1"), Stays: time.Hour}
	for _, tc := range []struct {
		call string
		want bool
	}{{"call one", true}, {"call one", true}, {"call two", false}} {
		if done, err := table.SwapAs(t.Context(), tc.call, change); err != nil || done != tc.want {
			t.Errorf("%s = %v, %v; want %v", tc.call, done, err, tc.want)
		}
	}
	if values, _, err := table.Read(t.Context(), "a"); err != nil || string(values[0]) != "1" {
		t.Errorf("Read = %q, %v; want 1", values, err)
	}
}

// Servers that change a value at the same time lose no change.
func TestTable_Race(t *testing.T) {
	t.Parallel()
	cfg := on(shared.Server(t))
	const servers, each = 4, 50
	var all sync.WaitGroup
	for range servers {
		table := open(t, cfg).Table("counts", 100)
		all.Go(func() {
			for n := 0; n < each; {
				values, _, err := table.Read(t.Context(), "n")
				if err != nil {
					t.Error(err)
					return
				}
				was, _ := strconv.Atoi(string(values[0]))
				done, err := table.Swap(t.Context(), redis.TableChange{Field: "n", Was: values[0], Value: []byte(strconv.Itoa(was + 1)), Stays: time.Hour})
				if err != nil {
					t.Error(err)
					return
				}
				if done {
					n++
				}
			}
		})
	}
	all.Wait()
	if values, _, err := open(t, cfg).Table("counts", 100).Read(t.Context(), "n"); err != nil || string(values[0]) != strconv.Itoa(servers*each) {
		t.Errorf("the count is %q, %v; want %d", values, err, servers*each)
	}
}

// A table has a bound: what expires next makes room. What has expired is gone, from the index,
// too.
func TestTable_Bounds(t *testing.T) {
	t.Parallel()
	server := shared.Server(t)
	cfg := on(server)
	table := open(t, cfg).Table("counts", 10)
	set := func(field string, stays time.Duration) {
		t.Helper()
		if done, err := table.Swap(t.Context(), redis.TableChange{Field: field, Value: []byte("v"), Stays: stays}); err != nil || !done {
			t.Fatalf("Swap = %v, %v", done, err)
		}
	}
	set("brief", time.Millisecond)
	set("soon", time.Minute)
	for i := range 10 {
		set(fmt.Sprint("long", i), time.Hour)
	}
	fields, err := table.Fields(t.Context())
	if err != nil || len(fields) != 10 || slices.Contains(fields, "soon") || slices.Contains(fields, "brief") {
		t.Errorf("Fields = %q, %v; want the ten that stay for an hour", fields, err)
	}
	if values, _, err := table.Read(t.Context(), "soon", "long3"); err != nil || len(values[0]) > 0 || string(values[1]) != "v" {
		t.Errorf("Read = %q, %v; want only the second", values, err)
	}
	for _, bad := range []redis.TableChange{
		{Field: ""}, {Field: strings.Repeat("x", redis.MaxTableField+1)}, {Field: "a", Value: make([]byte, redis.MaxTableValue+1)}, {Field: "a", Stays: redis.MaxTableStay + 1},
	} {
		if _, err := table.Swap(t.Context(), bad); !errors.Is(err, redis.ErrTable) {
			t.Errorf("Swap of %.20q = %v; want ErrTable", bad.Field, err)
		}
	}
	if _, _, err := table.Read(t.Context()); !errors.Is(err, redis.ErrTable) {
		t.Errorf("Read of nothing = %v; want ErrTable", err)
	}
}

// An outage is never taken for a value that is missing.
func TestTable_Away(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	table := open(t, redis.Config{Addresses: []string{server.Addr}}).Table("counts", 10)
	server.Kill(t)
	_, _, err := table.Read(t.Context(), "a")
	_, swap := table.Swap(t.Context(), redis.TableChange{Field: "a", Value: []byte("v"), Stays: time.Hour})
	_, fields := table.Fields(t.Context())
	for _, err := range []error{err, swap, fields} {
		if !errors.Is(err, record.ErrUnavailable) {
			t.Errorf("without Redis: %v; want unavailable", err)
		}
	}
}
