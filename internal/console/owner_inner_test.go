package console

import "testing"

// The owner of typed text differs for each user and each server's key.
func TestOwner(t *testing.T) {
	a, b := &console{Config: Config{FlashKey: []byte("a")}}, &console{Config: Config{FlashKey: []byte("b")}}
	if a.owner(1) == a.owner(2) || a.owner(1) == b.owner(1) || a.owner(1) != a.owner(1) || len(a.owner(1)) != 16 {
		t.Errorf("owners = %s, %s, %s", a.owner(1), a.owner(2), b.owner(1))
	}
}
