package session

// Info is what a stored value says of its session, for pages that list the
// sessions of others.
type Info struct {
	ClientInfo
	Values Values
}

// Describe decodes a stored value. It returns an error, and the client info
// alone, when the values cannot be decoded.
func Describe(value []byte) (Info, error) {
	info := Info{ClientInfo: ClientInfoOf(value)}
	m, err := decode(value)
	if err == nil {
		info.Values = m.values
	}
	return info, err
}
