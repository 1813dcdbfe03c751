package session

import (
	"strconv"
	"time"
)

// A Cookie says what a response does to the browser's session cookie: set it, remove
// it, or, for the zero Cookie, nothing. See [Policy.AppendCookie].
type Cookie struct {
	id      [idLen]byte
	send    sending
	former  bool      // a removal is of CookieName, in a secure response too
	maxAge  int64     // seconds; 0: until the browser closes
	expires time.Time // the same as a date
}

type sending uint8

const (
	sendNothing sending = iota
	sendID
	sendRemoval
)

// IsZero reports whether there is nothing to send.
func (c Cookie) IsZero() bool { return c.send == sendNothing }

// Value returns the session id in the cookie, or "" if there is none. It is for
// clients that keep no cookies; keep it out of logs.
func (c Cookie) Value() string {
	if c.send != sendID {
		return ""
	}
	return string(c.id[:])
}

// CookieName returns the name of the session cookie in secure requests, or in others.
func (p *Policy) CookieName(secure bool) string {
	if secure {
		return p.cfg.SecureCookieName
	}
	return p.cfg.CookieName
}

// FormerCookieName returns the name whose cookies count in a secure request that has no
// id under CookieName(true); "" when none does, see Config.PlainNameUntil. Give their
// values to [Token.AddFormer].
func (p *Policy) FormerCookieName() string {
	if p.cfg.SecureCookieName == p.cfg.CookieName || !p.cfg.Now().Before(p.cfg.PlainNameUntil) {
		return ""
	}
	return p.cfg.CookieName
}

// AppendCookie appends the value of the Set-Cookie header for c to b. secure adds
// the attribute Secure, so that browsers send the cookie over TLS only, and chooses the
// name. If c is zero, send no header.
//
// It writes both Max-Age, for browsers whose clock is wrong, and expires, for old
// browsers.
func (p *Policy) AppendCookie(b []byte, c Cookie, secure bool) []byte {
	b = append(append(b, p.CookieName(secure && !c.former)...), '=')
	if c.send == sendRemoval {
		b = append(b, `""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`...)
	} else {
		b = c.appendID(b)
	}
	b = append(append(b, "; Path="...), p.cfg.CookiePath...)
	b = append(append(b, "; SameSite="...), p.cfg.SameSite...)
	if secure {
		b = append(b, "; Secure"...)
	}
	return b
}

func (c *Cookie) appendID(b []byte) []byte {
	b = append(b, c.id[:]...)
	if c.maxAge == 0 {
		return append(b, "; HttpOnly"...)
	}
	b = appendHTTPDate(append(b, "; expires="...), c.expires)
	return strconv.AppendInt(append(b, "; HttpOnly; Max-Age="...), c.maxAge, 10)
}

// cookieOf returns the cookie of a live session.
func cookieOf(id [idLen]byte, v *View) Cookie {
	c := Cookie{id: id, send: sendID}
	if v.Remaining > 0 {
		age, added := wholeSeconds(v.Remaining)
		c.maxAge, c.expires = age, v.Expires.Add(added)
	}
	return c
}

// removal returns the cookie that removes the one that came, if it has the form of an
// id. Only this server sets such a cookie, so any other of the same name has another
// path or domain, and stays.
func (t *Token) removal() Cookie {
	if !t.good || t.keep {
		return Cookie{}
	}
	return Cookie{send: sendRemoval, former: t.former}
}

// wholeSeconds rounds up to seconds and returns how much that added. Rounded down,
// the cookie would end before its session.
func wholeSeconds(d time.Duration) (seconds int64, added time.Duration) {
	seconds = int64(d / time.Second)
	if rest := d % time.Second; rest > 0 {
		return seconds + 1, time.Second - rest
	}
	return seconds, 0
}
