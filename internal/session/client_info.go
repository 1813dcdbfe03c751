package session

import (
	"net"
	"net/netip"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// A ClientInfo is where a session came from: what its visitor's connection and
// browser said when it was created. It is kept beside the session's values for
// as long as the session lives, rotations included, and decides nothing. Behind a
// proxy the address is the proxy's: no header is believed.
type ClientInfo struct {
	Address string // IP address of the connection, without port; "": not known
	Agent   string // of the User-Agent, printable characters, at most 200 bytes
}

// ClientInfoOf returns the client info that a stored value carries. Values that other
// programs wrote, and older versions, have none. It decodes nothing.
func ClientInfoOf(value []byte) ClientInfo {
	address, agent, _ := open(value)
	return ClientInfo{string(address), string(agent)}
}

// A value with client info begins with a mark, then the address and the agent,
// each behind its length in one byte; what is left is Fiber's gob. A gob begins
// with the length of a message: below 0x80, or 0xF8 and above. So the mark
// cannot be mistaken for one.
const (
	clientMark = 0x91
	maxAgent   = 200
	maxAddress = 45 // an IPv6 address in its longest form
)

// isNewer reports whether a value begins with neither the mark nor a gob: the
// first bytes between are left for later forms.
func isNewer(value []byte) bool {
	return len(value) > 0 && value[0] >= 0x80 && value[0] < 0xF8 && value[0] != clientMark
}

// open takes a value apart. What is cut off has no gob and counts as corrupt.
func open(value []byte) (address, agent, gob []byte) {
	if len(value) == 0 || value[0] != clientMark {
		return nil, nil, value
	}
	address, rest := piece(value[1:])
	agent, gob = piece(rest)
	return address, agent, gob
}

// piece cuts off what stands behind its length.
func piece(b []byte) (head, rest []byte) {
	if len(b) == 0 || len(b) <= int(b[0]) {
		return nil, nil
	}
	n := 1 + int(b[0])
	return b[1:n:n], b[n:]
}

// gobOf returns a value without its client info.
func gobOf(value []byte) []byte {
	_, _, gob := open(value)
	return gob
}

// seal puts the client info of a session's value, if it has one, before a new gob.
func seal(old, gob []byte) []byte {
	head := old[:len(old)-len(gobOf(old))]
	if len(head) == 0 {
		return gob
	}
	return append(append(make([]byte, 0, len(head)+len(gob)), head...), gob...)
}

// sealNew puts the client info of a request before the gob of the session it creates.
func sealNew(c *fiber.Ctx, gob []byte) []byte {
	agent := c.Request().Header.UserAgent()
	b := make([]byte, 0, 3+maxAddress+min(len(agent), maxAgent)+len(gob))
	b = append(b, clientMark, 0)
	b = appendAddress(b, c.Context().RemoteAddr())
	b[1] = byte(len(b) - 2)
	at := len(b)
	b = appendPrintable(append(b, 0), agent, maxAgent)
	if b[at] = byte(len(b) - at - 1); len(b) == 3 {
		return gob // nothing is known
	}
	return append(b, gob...)
}

func appendAddress(b []byte, from net.Addr) []byte {
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return b
	}
	ip, _ := netip.AddrFromSlice(tcp.IP)
	if ip = ip.Unmap(); !ip.IsValid() || ip.IsUnspecified() {
		return b
	}
	return ip.AppendTo(b)
}

// appendPrintable appends what can be shown of a text, at most so many bytes.
func appendPrintable(b, text []byte, most int) []byte {
	for most += len(b); len(text) > 0; {
		r, n := utf8.DecodeRune(text)
		if len(b)+n > most {
			break
		}
		if unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
	return b
}
