package servers

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// One server makes an offer, which all know. When it goes, another one makes its own, as long
// as one is wanted.
func TestGroup_Offer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a, b := joined(t, f, good("a")), joined(t, f, good("b"))
		var wanted atomic.Bool
		wanted.Store(true)
		var made [2]atomic.Int32
		offer := func(i int, g *Group) {
			g.Offer(Offer{
				Digest: []string{"A", "B"}[i], Lasts: 30 * time.Minute,
				Wanted: func(context.Context) bool { return wanted.Load() }, Made: func() { made[i].Add(1) },
			})
		}
		wants := func(what, want string, a, b int32) {
			t.Helper()
			if got, err := f.Kept(t.Context(), firstName); err != nil || got != want || made[0].Load() != a || made[1].Load() != b {
				t.Errorf("%s: %q is offered, made %d and %d; want %q, %d and %d", what, got, made[0].Load(), made[1].Load(), want, a, b)
			}
		}
		offer(0, a.Group)
		offer(1, b.Group)
		time.Sleep(time.Minute)
		wants("at first", "A", 1, 0)
		if got, err := b.Offered(t.Context()); err != nil || got != "A" {
			t.Errorf("Offered = %q, %v; want the other's", got, err)
		}
		a.Close()
		time.Sleep(2 * time.Second)
		wants("a moment later", "B", 1, 1)
		time.Sleep(30 * time.Minute)
		wants("when its time is over", "", 1, 1)
		wanted.Store(false)
		offer(1, b.Group)
		wants("when it is not wanted", "", 1, 1)
		b.Close()
	})
}
