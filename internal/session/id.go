package session

// idLen is the length of what crypto/rand.Text returns: 130 random bits in
// base32. TestStart holds it against the standard library.
const idLen = 26

// wellFormed reports whether an id could be one of ours: 26 characters A-Z
// and 2-7. Nothing else ever reaches the store.
func wellFormed[T string | []byte](id T) bool {
	if len(id) != idLen {
		return false
	}
	for i := range idLen {
		if b := id[i]; (b < 'A' || b > 'Z') && (b < '2' || b > '7') {
			return false
		}
	}
	return true
}
