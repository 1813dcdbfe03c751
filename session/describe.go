package session

// Info is what a stored value says of its session, for pages that list sessions.
type Info struct {
	ClientInfo
	Values Values
}

// Describe decodes a stored value. When the values cannot be decoded, it returns an
// error and only the client info.
func Describe(value string) (Info, error) {
	info := Info{ClientInfo: ClientInfoOf(value)}
	var err error
	info.Values, err = valuesOf(value)
	return info, err
}
