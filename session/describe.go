package session

// Info is what a stored value says of its session, for those who look at other
// people's sessions.
type Info struct {
	ClientInfo
	Values Values
}

// Describe decodes a stored value. On an error the values could not be decoded;
// the client info is right nevertheless.
func Describe(value []byte) (Info, error) {
	info := Info{ClientInfo: ClientInfoOf(value)}
	m, err := decode(value)
	if err == nil {
		info.Values = m.values
	}
	return info, err
}
