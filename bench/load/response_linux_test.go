package load

import (
	"errors"
	"strings"
	"testing"
)

const goodResponse = "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\nSet-Cookie: sessionid=abc; Path=/\r\n\r\nhello"

func TestParseResponse(t *testing.T) {
	a, err := parseResponse([]byte(goodResponse))
	if err != nil || a.status != 200 || string(a.body) != "hello" || string(a.setCookie) != "sessionid=abc; Path=/" || a.closing {
		t.Errorf("parseResponse = %+v, %v", a, err)
	}
	for end := range goodResponse {
		if _, err := parseResponse([]byte(goodResponse[:end])); !errors.Is(err, errPartial) {
			t.Errorf("parseResponse of %q error = %v; want partial", goodResponse[:end], err)
		}
	}
}

func TestParseResponse_Fields(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     error
		check    func(answer) bool
	}{
		"another's cookie":     {"sessionid=", "other=", nil, func(a answer) bool { return a.setCookie == nil }},
		"a longer name":        {"sessionid=", "xsessionid=", nil, func(a answer) bool { return a.setCookie == nil }},
		"any case":             {"Content-Length", "CONTENT-length", nil, func(a answer) bool { return len(a.body) == 5 }},
		"closing":              {"Date: now", "Connection: Close", nil, func(a answer) bool { return a.closing }},
		"no reason":            {"200 OK", "200", nil, func(a answer) bool { return a.status == 200 }},
		"an error":             {"200 OK", "503 Busy", nil, func(a answer) bool { return a.status == 503 }},
		"nothing in it":        {"5\r\nSet", "0\r\nSet", errMalformed, nil}, // and five bytes too many
		"no length":            {"Content-Length: 5", "X: 5", errMalformed, nil},
		"two lengths":          {"Date: now", "Content-Length: 5", errMalformed, nil},
		"a negative length":    {"Length: 5", "Length: -5", errMalformed, nil},
		"an empty length":      {"Length: 5", "Length: ", errMalformed, nil},
		"a huge length":        {"Length: 5", "Length: 99999999999999999999", errMalformed, nil},
		"chunked":              {"Date: now", "Transfer-Encoding: chunked", errMalformed, nil},
		"no field":             {"Date: now", "Date", errMalformed, nil},
		"an interim answer":    {"200 OK", "100 Continue", errMalformed, nil},
		"HTTP/1.0":             {"HTTP/1.1", "HTTP/1.0", errMalformed, nil},
		"a status of 4 digits": {"200 OK", "2000", errMalformed, nil},
		"more than asked for":  {"hello", "hello, there", errMalformed, nil},
		"less than promised":   {"hello", "hell", errPartial, nil},
	} {
		a, err := parseResponse([]byte(strings.Replace(goodResponse, test.old, test.new, 1)))
		if !errors.Is(err, test.want) || test.check != nil && !test.check(a) {
			t.Errorf("%s: parseResponse = %+v, %v; want error %v", name, a, err, test.want)
		}
	}
}

// Whatever comes, the parser neither panics nor claims more than there is;
// an answer is no answer with a byte less or more.
func FuzzParseResponse(f *testing.F) {
	for _, seed := range []string{goodResponse, simExpired, simBad, "", "HTTP/1.1 ", "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseResponse(data)
		if err != nil {
			if !errors.Is(err, errPartial) && !errors.Is(err, errMalformed) {
				t.Errorf("error = %v; want one of ours", err)
			}
			return
		}
		if a.status < 200 || a.status > 999 || len(a.body) >= len(data) {
			t.Errorf("parseResponse(%q) = %+v", data, a)
		}
		if _, err := parseResponse(data[:len(data)-1]); !errors.Is(err, errPartial) {
			t.Errorf("with a byte less: %v; want partial", err)
		}
		if _, err := parseResponse(append(data[:len(data):len(data)], 'x')); !errors.Is(err, errMalformed) {
			t.Errorf("with a byte more: %v; want malformed", err)
		}
	})
}
