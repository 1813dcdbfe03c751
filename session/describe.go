package session

// Info is what a stored value says of its session, for pages that list sessions.
type Info struct {
	ClientInfo
	Values Values
}

// Describe decodes a stored value. When the values cannot be decoded, it returns an
// error and only the client info.
func Describe(value []byte) (Info, error) {
	info := Info{ClientInfo: ClientInfoOf(value)}
	m, err := decode(value)
	if err == nil {
		info.Values = m.values
	}
	return info, err
}
