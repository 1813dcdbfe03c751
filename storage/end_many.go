package storage

// EndMany ends sessions as End does, in commits that they share, and returns
// how many of them were live. All are refused from the call on. On an error
// (ErrFull, ErrUnavailable, ErrClosed) those that could not be ended live on;
// the others have ended.
func (s *Storage) EndMany(keys []Key, why Reason) (ended int, err error) {
	return 0, nil
}

// EndAll ends every session and returns how many were live. They are refused
// for everybody from the call on; when EndAll returns nil that is durable. On
// an error (ErrFull, ErrUnavailable, ErrClosed) they live on. What is created
// after EndAll has returned is not concerned.
func (s *Storage) EndAll(why Reason) (ended int, err error) {
	return 0, nil
}
