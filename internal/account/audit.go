package account

// Record appends an entry for what the caller did: a logout, sessions that
// were ended. It is on disk when it is answered. Errors: ErrActor, ErrFull, ErrUnavailable,
// ErrClosed.
func (s *Store) Record(actor Actor, r Record) error { return errNotBuilt }

// Entries returns one page of the audit log, newest first. Whoever calls has
// seen to it that the reader has ViewLogEntry, or that it is about himself.
// Errors: ErrClosed, ErrUnavailable.
func (s *Store) Entries(q EntryQuery) (EntryPage, error) { return EntryPage{}, errNotBuilt }

// History returns what happened to one user or group, newest first: Entries by
// its kind and id.
func (s *Store) History(kind Kind, id uint64, before uint64) (EntryPage, error) {
	return EntryPage{}, errNotBuilt
}

// Recent returns the newest n changes that a user made, without his logins:
// the console's "recent actions".
func (s *Store) Recent(userID uint64, n int) ([]Entry, error) { return nil, errNotBuilt }
