package console

import (
	"net/url"
	"strconv"
	"time"
)

// count writes a number with a space between its thousands.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// counted writes a number of things.
func counted(n int64, one, other string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + other
}

// inWords says a duration as people would, in its largest unit or two.
func inWords(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return inTwo(int(d/time.Minute), " min", int(d%time.Minute/time.Second), " s")
	case d < 48*time.Hour:
		return inTwo(int(d/time.Hour), " h", int(d%time.Hour/time.Minute), " min")
	default:
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	}
}

func inTwo(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return strconv.Itoa(n) + unit
	}
	return strconv.Itoa(n) + unit + " " + strconv.Itoa(rest) + smaller
}

// leftInWords rounds up: what has some time left has not "0 s".
func leftInWords(d time.Duration) string {
	return inWords((d + time.Second - 1).Truncate(time.Second))
}

// overHTTP reports whether an origin is one that browsers do not keep Secure
// cookies of: plain HTTP, and not this machine.
func overHTTP(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" {
		return false
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return false
	}
	return true
}
