package session

// An Origin is where a session came from: what its visitor's connection and
// browser said when it was created. It is kept beside the session's values for
// as long as the session lives, rotations included, and decides nothing.
type Origin struct {
	Address string // IP address of the connection, without port; "": not known
	Agent   string // of the User-Agent, printable characters, at most 200 bytes
}

// OriginOf returns the origin that a stored value carries. Values that other
// programs wrote, and older versions, have none. It decodes nothing.
func OriginOf(value []byte) Origin { return Origin{} }
