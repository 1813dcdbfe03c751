package console

import "testing"

// The owner of typed text differs for each user and each server's key.
func TestOwner(t *testing.T) {
	a, b := &console{Config: Config{FlashKey: []byte("a")}}, &console{Config: Config{FlashKey: []byte("b")}}
	owner, again := a.owner(1), a.owner(1)
	if owner == a.owner(2) || owner == b.owner(1) || owner != again || len(owner) != 16 {
		t.Errorf("owners = %s, %s, %s, %s", owner, again, a.owner(2), b.owner(1))
	}
}
