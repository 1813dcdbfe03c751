package session

import "net/netip"

// Search returns a function that reports whether a stored value contains text: in one of
// its strings, its address or its agent. It ignores case, accents, and which apostrophe
// was typed: "o'neill" and "jose" find O’Neill and José. An address also
// finds the sessions whose ClientInfo has a network that contains it. The function
// is for a record.Query's Match. It is made for a million values, so it decodes a gob
// only when it must. It is safe for concurrent use.
//
// For an empty text Search returns nil, so that the Query also finds ended sessions.
func Search(text string) func(value string) bool {
	if text == "" {
		return nil
	}
	n := newNeedle(text)
	client, _ := netip.ParseAddr(text) // zero if it is another text
	return func(value string) bool {
		if client.IsValid() && isWithin(value, client) {
			return true
		}
		if !n.inASCII(value) && !hasLetters(value) {
			return false
		}
		address, agent, gob := open(value)
		return n.in(address) || n.in(agent) || n.inStrings(gob)
	}
}

// isWithin reports whether the address in a value is a network, such as 203.0.113.0/24, that
// contains this client's.
func isWithin(value string, client netip.Addr) bool {
	address, _, _ := open(value)
	network, err := netip.ParsePrefix(address)
	return err == nil && network.Contains(client.Unmap().WithZone(""))
}

// inStrings reports whether the needle is in a string of a gob, and not in a name or
// in the bytes around them.
func (n *needle) inStrings(gob string) bool {
	found := false
	if eachString(gob, func(s string) { found = found || n.in(s) }) {
		return found
	}
	m, err := decode(gob)
	if err != nil {
		return false
	}
	for _, v := range m {
		if s, ok := v.data.(string); ok && n.in(s) {
			return true
		}
	}
	return false
}
