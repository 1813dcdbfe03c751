//go:build linux

package promises

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"pagesession/bench/load"
)

// forge returns a Cookie header for a real id x and another one, y. It may be one that
// has x as it was issued after all; see issuedIn.
func forge(rng *rand.Rand, x, y string) string {
	const pair = load.CookieName + "="
	switch rng.IntN(10) {
	case 0:
		return pair + randomID(rng)
	case 1, 2:
		return pair + mutate(rng, x)
	case 3:
		return pair + choose(rng, hashes(x))
	case 4:
		return join(rng, pair+x, pair+choose(rng, []string{x, y, "", randomID(rng), mutate(rng, x)}))
	case 5:
		return pair + choose(rng, []string{x + x, x + "," + y, x + " " + y, x[:13] + y[13:], "*", "%", "..", "null", "0", ""})
	case 6:
		return choose(rng, []string{"SESSIONID=", "Sessionid=", "sessionid2=", "xsessionid=", "session=", "sessionid[]=", "$sessionid=", "sessionid%3D="}) + x
	case 7:
		return pair + choose(rng, []string{url.QueryEscape(x + "\x00"), "%" + x[1:], strings.Repeat("A", 20+rng.IntN(9000)), x + strings.Repeat("=", rng.IntN(9)+1)})
	case 8:
		return scramble(rng, "a=b; "+pair+x+"; c=d")
	default:
		return pair + odd(rng, 1+rng.IntN(40))
	}
}

func choose(rng *rand.Rand, list []string) string { return list[rng.IntN(len(list))] }

// join has two cookies in one header, or in two.
func join(rng *rand.Rand, one, two string) string {
	if rng.IntN(2) == 0 {
		one, two = two, one
	}
	return one + choose(rng, []string{"; ", ";", ";;", " ; ", "\r\nCookie: ", "\r\ncookie:"}) + two
}

// mutate changes an id a little.
func mutate(rng *rand.Rand, id string) string {
	i := rng.IntN(len(id))
	switch rng.IntN(7) {
	case 0: // of the same form
		return id[:i] + string(alphabet[rng.IntN(len(alphabet))]) + id[i+1:]
	case 1:
		return strings.ToLower(id)
	case 2:
		return id[:i] + strings.ToLower(id[i:i+1]) + id[i+1:]
	case 3:
		return id[:i] + id[i+1:]
	case 4:
		return id[:i] + odd(rng, 1) + id[i:]
	case 5:
		return id[:i] + odd(rng, 1) + id[i+1:]
	default: // the last character has bits to spare in base32
		return id[:25] + string(alphabet[strings.IndexByte(alphabet, id[25])^(1+rng.IntN(3))])
	}
}

// scramble changes a few bytes of a header.
func scramble(rng *rand.Rand, header string) string {
	b := []byte(header)
	for range 1 + rng.IntN(4) {
		b[rng.IntN(len(b))] = odd(rng, 1)[0]
	}
	return string(b)
}

// odd is bytes that a header can have, and some that it cannot.
func odd(rng *rand.Rand, n int) string {
	const often = "=;, \t\"\\%\x00\x7f\xff-._~+/ABZ27089az"
	b := make([]byte, n)
	for i := range b {
		if b[i] = byte(rng.IntN(256)); rng.IntN(2) == 0 {
			b[i] = often[rng.IntN(len(often))]
		}
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = '?' // it would end the header
		}
	}
	return string(b)
}

// issuedIn reports whether a header has exactly one of these ids as the value of session
// cookies, however often. Several live sessions open none. Servers leave out a cookie whose
// value has a quote or a backslash, or keep it; both count.
func issuedIn(header string, ids ...string) bool {
	all, clean := map[string]bool{}, map[string]bool{}
	for pair := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == '\r' || r == '\n' }) {
		name, value, _ := strings.Cut(pair, "=")
		name = name[strings.LastIndexByte(name, ':')+1:] // of the header that join adds
		if strings.TrimSpace(name) != load.CookieName {
			continue
		}
		value = strings.Trim(value, " \t")
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if id := strings.Trim(value, `" \`); slices.Contains(ids, id) {
			all[id] = true
		}
		if slices.Contains(ids, value) {
			clean[value] = true
		}
	}
	return len(all) == 1 || len(clean) == 1
}
