package main

// A kind is what a request of the mixed load does.
type kind int

const (
	kindRefresh kind = iota // GET /get/ of a live session
	kindPeek                // GET /session/ of a live session
	kindCreate              // GET /set/ without a cookie
	kindDelete              // POST /del/ of a live session
	kindGone                // GET /get/ or /session/ of one that was deleted
	kinds                   // how many there are
)

func (k kind) String() string {
	return [...]string{"refresh", "peek", "create", "delete", "deleted, again"}[k]
}

// pickKind turns a number from 0 to 999 into what to do: 90 % refreshes, 8 %
// peeks, 1 % creations, 1 % deletions. One in a hundred is a refresh or a peek
// of a session that was deleted, taken from their shares.
func pickKind(n int) kind {
	switch {
	case n < 10:
		return kindCreate
	case n < 20:
		return kindDelete
	case n < 30:
		return kindGone
	case n < 109:
		return kindPeek
	default:
		return kindRefresh
	}
}
