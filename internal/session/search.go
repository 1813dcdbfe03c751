package session

// Search returns a function that tells whether a stored value belongs to a
// session which text is part of: of one of its values that are strings, of its
// address or of its agent, in whatever case. It decodes gob only where it has
// to and is safe for concurrent use. An empty text is part of every session.
func Search(text string) func(value []byte) bool {
	return func([]byte) bool { return text == "" }
}
