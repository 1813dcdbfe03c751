package session

// Encode is what a session with these values is stored as, when that is done
// without Fiber's Save.
func Encode(values Values) ([]byte, bool) { return newEncoder().encode(values) }
